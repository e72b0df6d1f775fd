"""How a question is put, put again, and shown; and how a connection is told. No decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.city import CityPack
from services.dialogue.moves import Move
from services.dialogue.speaking import RECEIPT_SPOKEN, URL, Directive, Speaker
from services.dialogue.state import CallState, Slot, Target

KEYS_AT = 2
"""The try at which keys and the screen are offered."""
SUMMARY_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Asking:
    """Directives of one city; `open_lines` are the agencies that take calls now."""

    pack: CityPack
    open_lines: frozenset[str]

    def asking(
        self,
        state: CallState,
        slot: Slot,
        before: Sequence[Directive] = (),
        *,
        prompt: str = "",
        prefix: str = "",
        question: str = "",
    ) -> Move:
        """Ask for a slot by voice and on the screen, and remember it for `said_again`."""
        said = self.speaker(state)
        text = question or (said.text(prompt) if prompt else said.question(slot))
        ask = said.ask(slot, text, prefix)
        screen = said.screen(slot, state.matter, state.screen_rev + 1)
        spoken = tuple(one for one in before if one["type"] in ("say", "confirm"))
        state = replace(state, step="ask", slot=slot, spoken=(*spoken, ask))
        if {**screen, "rev": 0} != {**state.screen, "rev": 0}:
            state = self.screened(state, screen)
        return Move(state, (*before, ask, self.shown(state)))

    def asking_again(self, state: CallState, why: str, count: int) -> Move:
        """The same question; from the second try on by keys, once with the screen's address."""
        said = self.speaker(state)
        if count < KEYS_AT:
            return self.asking(state, state.slot, prefix=said.text(why))
        prompt = said.text(f"keys_{state.slot}")
        extra = [said.sms("sms_screen", url=URL)] if count == KEYS_AT else []
        return self.asking(state, state.slot, extra, prefix=said.text(why), question=prompt)

    def asking_on_screen(self, state: CallState) -> Move:
        said = self.speaker(state)
        sms = said.sms("sms_screen", url=URL)
        return self.asking(state, state.slot, [sms, said.say("say_screen")])

    def said_again(self, state: CallState) -> Move:
        told: list[Directive] = []
        if state.slot == "more" and state.mode == "reported":
            told = [self.speaker(state).say("say_reported", receipt=RECEIPT_SPOKEN)]
        return Move(replace(state, step="ask"), (*told, *(dict(one) for one in state.spoken)))

    def connect(self, state: CallState, target: Target, agency: str | None = None) -> Move:
        said = self.speaker(state)
        transfer = said.target(target, agency)
        state = replace(state, step="transfer", transfer=transfer, no_matches=0)
        name = {"emergency": "say_emergency", "person": "say_transfer_person"}
        first = said.say(name.get(target, "say_transfer"), owner=transfer.agency)
        state = self.screened(state, said.note("transfer", first["text"], state.screen_rev + 1))
        return Move(state, (first, said.transfer(transfer, summary(state)), self.shown(state)))

    def screened(self, state: CallState, screen: dict[str, Any]) -> CallState:
        return replace(state, screen=screen, screen_rev=screen["rev"])

    def shown(self, state: CallState) -> Directive:
        return {"type": "visual", "screen": dict(state.screen), "rev": state.screen_rev}

    def speaker(self, state: CallState) -> Speaker:
        return Speaker(self.pack, state.language)


def summary(state: CallState) -> str:
    """What whoever takes the call is told of the matter; masked, as all that is kept."""
    text = state.matter.text
    return text if len(text) <= SUMMARY_LETTERS else text[: SUMMARY_LETTERS - 1] + "…"
