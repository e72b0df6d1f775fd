"""The dialogue policy: (state, what happened, what it means) -> (state, directives, effects).

Pure: no clock, no database, no chance. Every question has at most three tries; then comes a person,
and when no person can be had the matter is filed. So each call comes to an end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.city import CityPack
from services.city.dialogue import Language
from services.dialogue.speaking import RECEIPT, RECEIPT_SPOKEN, URL, Directive, Speaker
from services.dialogue.state import CallState, Matter, Outcome, Slot, Target
from services.dialogue.turns import TurnIn
from services.dialogue.understanding import Heard
from services.intake.payload import MAX_UPLOADS

KEYS_AT, PERSON_AT = 2, 3
SILENCES_TO_END = 3
ROUNDS = 3
TRIES_AT_EMERGENCY = 2
END_AT_ABUSE = 2
SURE_ABUSE = "abuse"


@dataclass(frozen=True, slots=True)
class FileCase:
    """File this matter now; `incomplete` says that the caller did not confirm it."""

    matter: Matter
    incomplete: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that the knowledge base could not answer."""

    question: str


Effect = FileCase | Gap


@dataclass(frozen=True, slots=True)
class Move:
    state: CallState
    directives: tuple[Directive, ...] = ()
    effects: tuple[Effect, ...] = ()

    def then(self, other: Move) -> Move:
        """This move and what follows from its state."""
        return Move(
            other.state,
            (*self.directives, *other.directives),
            (*self.effects, *other.effects),
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy of one city; `open_lines` are the agencies that take calls now."""

    pack: CityPack
    open_lines: frozenset[str]

    def greet(self, recording: bool) -> Move:
        state = CallState()
        name = "greet" if recording else "greet_plain"
        return self._asking(state, "matter", [self._speaker(state).say(name)])

    def decide(self, state: CallState, turn: TurnIn, heard: Heard) -> Move:
        """What to do about one turn. A call that has ended stays ended."""
        if state.step == "ended":
            return Move(state)
        if turn.event == "hangup":
            return self.finish(state)
        if turn.event == "transfer_result" and turn.transfer is not None:
            return self._transferred(state, turn.transfer.result)
        if turn.event == "speech":
            return self._heard(replace(state, silences=0), heard)
        if turn.event == "dtmf" and turn.dtmf is not None:
            return self._keyed(replace(state, silences=0), turn.dtmf.digits, heard)
        if turn.event == "visual_tap" and turn.tap is not None:
            return self._tapped(replace(state, silences=0), turn, heard)
        if turn.event == "no_match":
            return self._not_understood(state)
        return self._silent(state)

    def finish(self, state: CallState) -> Move:
        """The line is gone: what was said and not settled is filed, marked as incomplete."""
        if state.step == "ended":
            return Move(state)
        matters = (state.matter, *state.pending)
        filed = tuple(FileCase(matter, incomplete=True) for matter in matters if matter.usable)
        ended = replace(state, step="ended", matter=Matter(), pending=(), transfer=None)
        return Move(_with(ended, "reported") if filed else ended, (), filed)

    # What was said

    def _heard(self, state: CallState, heard: Heard) -> Move:
        if heard.emergency is not None:
            return self._emergency(state, heard.emergency, heard)
        if heard.small.person:
            return self._person(state, heard)
        if state.step == "transfer" and (heard.small.no or heard.small.correction is not None):
            return self._not_connected(state)
        if state.step == "transfer":
            return self._waiting(state, heard)
        if heard.small.repeat:
            return self._again(state)
        if heard.small.insult or (heard.matter is not None and heard.matter.kind == SURE_ABUSE):
            return self._abused(state, heard)
        if not heard.clear:
            return self._not_understood(state)
        if heard.small.foreign and state.language == "ko":
            return self._asking(_fresh(state), "language")
        return self._answered(replace(state, step="ask"), heard)

    def _answered(self, state: CallState, heard: Heard) -> Move:
        small, slot = heard.small, state.slot
        if slot == "language":
            return self._value(state, "english" if small.foreign or small.yes else "korean", heard)
        if small.correction is not None and slot not in ("matter", "more"):
            if heard.matter is None:
                return self._correct(state)
            return self._open(replace(state, asked=(), rounds=state.rounds + 1), heard)
        if slot not in ("matter", "more") and small.cancel:
            return self._next(replace(_fresh(state), pending=state.pending))
        if slot == "more":
            if small.no or small.cancel:
                return self._goodbye(state)
            if small.yes:
                return self._asking(_fresh(state), "matter")
        if slot == "confirm" and (small.yes or small.no):
            return self._value(state, "yes" if small.yes else "no", heard)
        if slot in ("road", "place", "bus") and small.unknown:
            return self._value(state, "unknown", heard)
        if slot == "road" and small.road:
            return self._value(state, small.road, heard)
        if heard.matter is None:
            return self._not_understood(state)
        if slot == "message":
            return self._file(replace(state, matter=heard.matter), incomplete=True)
        if slot in ("matter", "more"):
            return self._open(state, heard)
        return self._filled(state, slot, heard)

    def _open(self, state: CallState, heard: Heard) -> Move:
        """A matter is told: answer it, connect it, or find out what its owner needs."""
        matter = heard.matter or Matter()
        state = replace(_fresh(state), matter=matter, pending=(*state.pending, *heard.more_matters))
        if heard.answer is not None:
            return self._tell(state, heard.answer.text)
        if matter.kind == "handoff":
            return self._connect_owner(state)
        gaps = (Gap(matter.text),) if matter.kind == "inquiry" and not heard.degraded else ()
        return Move(state, (), gaps).then(self._advance(state))

    def _filled(self, state: CallState, slot: Slot, heard: Heard) -> Move:
        """An answer to a question about the matter; one that says nothing new was no answer."""
        matter = heard.matter or state.matter
        if slot in matter.missing and slot in ("place", "road"):
            return self._not_understood(state)
        return self._advance(replace(state, matter=matter, no_matches=0))

    def _advance(self, state: CallState) -> Move:
        """The next thing that the matter needs: a slot, a connection, or a yes."""
        matter = state.matter
        for slot in matter.missing:
            if slot not in state.asked:
                asked = replace(state, asked=(*state.asked, slot))
                return self._asking(asked, slot)
        urgent = matter.urgency in self.pack.dialogue.connect_urgency
        if urgent and matter.agency in self.open_lines:
            return self._connect_owner(state)
        if state.rounds >= ROUNDS:
            return self._file(state, incomplete=True)
        state = replace(state, rounds=state.rounds + 1)
        return self._asking(state, "confirm", [self._speaker(state).confirm(matter)])

    def _correct(self, state: CallState) -> Move:
        """It was something else; after several rounds a person."""
        if state.rounds >= ROUNDS:
            return self._connect(state, "person")
        kept = replace(_fresh(state), rounds=state.rounds, pending=state.pending)
        return self._asking(kept, "matter", prompt="ask_matter_again")

    def _tell(self, state: CallState, answer: str) -> Move:
        told = replace(_with(_fresh(state), "answered"), mode="answered", pending=state.pending)
        move = Move(told, ({"type": "say", "text": answer},)).then(self._next(told))
        screen = {**move.state.screen, "answer": answer, "rev": told.screen_rev + 1}
        state = self._screened(move.state, screen)
        return Move(state, (*move.directives, self._shown(state)), move.effects)

    # Keys and taps

    def _keyed(self, state: CallState, digits: str, heard: Heard) -> Move:
        key = digits.strip("#")
        if key.startswith("0"):
            return self._connect(state, "person")
        if key.startswith("*"):
            return self._again(state)
        if state.step == "transfer":
            return self._waiting(state, heard)
        value = self.pack.dialogue.keys.get(state.slot, {}).get(key)
        return self._not_understood(state) if value is None else self._value(state, value, heard)

    def _tapped(self, state: CallState, turn: TurnIn, heard: Heard) -> Move:
        """A tap on an old screen does nothing but bring the current one."""
        if turn.tap is None or turn.tap.screen_rev != state.screen_rev:
            return Move(state, (self._shown(state),))
        if heard.emergency is not None:
            return self._emergency(state, heard.emergency, heard)
        node, form = self._meant(turn.tap.node_id), turn.tap.form
        if node == "person":
            return self._connect(state, "person")
        if node == "repeat":
            return self._again(state)
        if node in SWITCH and state.slot != "language":
            return self._switched(replace(state, language=SWITCH[node]))
        if state.step == "transfer":
            return self._waiting(state, heard)
        if node in self.pack.dialogue.keys.get(state.slot, {}).values():
            return self._value(state, node, heard)
        if node == "message":
            return self._asking(state, "message")
        if form is not None and form.attachments:
            return self._photographed(state, [str(id) for id in form.attachments])
        if form is not None and form.text:
            return self._heard(state, heard)
        if heard.matter is None and heard.answer is None:
            return Move(state, (self._shown(state),))
        if form is None or node in self.pack.services:
            return self._open(replace(state, step="ask"), heard)
        return self._answered(replace(state, step="ask"), heard)

    def _meant(self, node: str) -> str:
        """What a tap on a node stands for: a service, a person, a message, or itself."""
        leaf = self.pack.menus.current.nodes.get(node)
        if leaf is None or leaf.action is None:
            return self.pack.menus.current_service(node, self.pack.services) or node
        return ACTIONS.get(leaf.action, node)

    def _switched(self, state: CallState) -> Move:
        """The open question once more in the language that was just chosen."""
        if state.step == "ask":
            asked = state.slot == "confirm"
            read_back = [self._speaker(state).confirm(state.matter)] if asked else []
            return self._asking(state, state.slot, read_back)
        state = self._screened(state, {**state.screen, "rev": state.screen_rev + 1})
        return Move(state, (self._shown(state),))

    def _photographed(self, state: CallState, photos: Sequence[str]) -> Move:
        """Keep photographs with the matter in hand; the question stays as it is."""
        if not state.matter.usable:
            return Move(state, (self._shown(state),))
        kept = tuple(dict.fromkeys((*state.matter.photos, *photos)))[:MAX_UPLOADS]
        matter = replace(state.matter, photos=kept)
        screen = {**state.screen, "photos": len(kept), "rev": state.screen_rev + 1}
        state = self._screened(replace(state, matter=matter), screen)
        return Move(state, (self._shown(state),))

    def _value(self, state: CallState, value: str, heard: Heard) -> Move:
        """What a key, a tap or a small answer stands for in the current question."""
        slot = state.slot
        state = replace(state, step="ask", no_matches=0)
        if slot == "language":
            return self._language(state, value)
        if slot == "confirm":
            return self._file(state, incomplete=False) if value == "yes" else self._correct(state)
        if slot == "more":
            if value == "yes":
                return self._asking(_fresh(state), "matter")
            return self._goodbye(state)
        if value == "message":
            return self._asking(state, "message")
        if value == "screen":
            said = self._speaker(state)
            sms = said.sms("sms_screen", url=URL)
            return self._asking(state, slot, [sms, said.say("say_screen")])
        if value == "unknown":
            vain = replace(state, in_vain=(*state.in_vain, slot), asked=(*state.asked, slot))
            return self._advance(vain)
        return self._filled(state, slot, heard)

    def _language(self, state: CallState, value: str) -> Move:
        if value == "interpreter":
            return self._connect(state, "interpreter")
        language = "en" if value == "english" else "ko"
        return self._asking(replace(_fresh(state), language=language), "matter")  # type: ignore[arg-type]

    # Connections

    def _emergency(self, state: CallState, agency: str, heard: Heard) -> Move:
        held = state.transfer
        if held is not None and held.target == "emergency":
            return self._waiting(state, heard)
        matter = heard.matter or replace(
            state.matter, said=(*state.matter.said, heard.text), urgency="emergency"
        )
        state = replace(state, matter=matter, emergency=True, abuse=state.abuse)
        return self._connect(state, "emergency", agency)

    def _person(self, state: CallState, heard: Heard) -> Move:
        """A person is never refused; words beyond the wish are kept for whoever answers."""
        matter = heard.matter
        if matter is not None and len("".join(heard.text.split())) > SHORT_WISH:
            state = replace(state, matter=matter)
            if matter.kind == "handoff" and matter.agency in self.open_lines:
                return self._connect_owner(state)
        return self._connect(state, "person")

    def _connect_owner(self, state: CallState) -> Move:
        matter = state.matter
        if matter.agency in self.open_lines:
            return self._connect(state, "agency", matter.agency)
        return self._connect(state, "person")

    def _connect(self, state: CallState, target: Target, agency: str | None = None) -> Move:
        said = self._speaker(state)
        transfer = said.target(target, agency)
        state = replace(state, step="transfer", transfer=transfer, no_matches=0)
        name = {"emergency": "say_emergency", "person": "say_transfer_person"}
        first = said.say(name.get(target, "say_transfer"), owner=transfer.agency)
        state = self._screened(state, said.note("transfer", first["text"], state.screen_rev + 1))
        summary = _short(state.matter.text)
        return Move(state, (first, said.transfer(transfer, summary), self._shown(state)))

    def _not_connected(self, state: CallState) -> Move:
        """The caller wants no connection: take the matter down instead, if there is one."""
        held, state = state.transfer, replace(state, step="ask", transfer=None)
        if held is None or held.target == "emergency" or not state.matter.usable:
            return self._correct(state)
        return self._asking(state, "confirm", [self._speaker(state).confirm(state.matter)])

    def _waiting(self, state: CallState, heard: Heard) -> Move:
        """The caller still speaks to us: connect once more, then take it for no answer."""
        held = state.transfer
        if held is None:
            return self._asking(state, "matter")
        if held.tries >= TRIES_AT_EMERGENCY:
            return self._transferred(state, "no_answer")
        said = self._speaker(state)
        again = replace(held, tries=held.tries + 1)
        state = replace(state, transfer=again)
        summary = _short(state.matter.text)
        return Move(state, (said.say("say_waiting"), said.transfer(again, summary)))

    def _transferred(self, state: CallState, result: str) -> Move:
        held = state.transfer
        if held is None:
            return Move(state)
        if result == "answered":
            outcome: Outcome = "staff" if held.target == "person" else "transferred"
            state = _with(_fresh(state), outcome)
            connected = (*state.connected, held.agency)
            done = replace(state, step="connected", mode="transferred", connected=connected)
            return Move(replace(done, pending=()))
        said = self._speaker(state)
        if held.target == "emergency" and held.tries < TRIES_AT_EMERGENCY:
            again = replace(held, tries=held.tries + 1)
            say = said.say("say_emergency_again", owner=held.agency)
            dial = said.transfer(again, _short(state.matter.text))
            return Move(replace(state, transfer=again), (say, dial))
        state = replace(state, step="ask", transfer=None)
        urgent: list[Directive] = []
        if held.target == "emergency":
            urgent = [said.say("say_emergency_failed", owner=held.agency)]
        if not state.matter.usable:
            failed = said.say("say_transfer_failed_empty", owner=held.agency)
            return self._asking(state, "message", [*urgent, failed])
        failed = said.say("say_transfer_failed", owner=held.agency)
        return Move(state, (*urgent, failed)).then(self._file(state, incomplete=True))

    # Filing and ending

    def _file(self, state: CallState, *, incomplete: bool) -> Move:
        """File the matter, read out its number, go on to the next one or ask for more."""
        said = self._speaker(state)
        effect = FileCase(state.matter, incomplete)
        number = said.say("say_reported", receipt=RECEIPT_SPOKEN)
        sms = said.sms("sms_receipt", receipt=RECEIPT)
        state = replace(
            _with(_fresh(state), "reported"), mode="reported", pending=state.pending, step="ask"
        )
        return Move(state, (number, sms), (effect,)).then(self._next(state))

    def _next(self, state: CallState) -> Move:
        if not state.pending:
            return self._asking(state, "more")
        said = self._speaker(state)
        following = replace(state, matter=state.pending[0], pending=state.pending[1:])
        move = Move(following, (said.say("say_next_matter"),))
        return move.then(self._advance(following))

    def _goodbye(self, state: CallState) -> Move:
        return self._end(state, "say_goodbye", "completed")

    def _end(self, state: CallState, text: str, reason: str) -> Move:
        said = self._speaker(state)
        say = said.say(text)
        shown = self._screened(state, said.note("ended", say["text"], state.screen_rev + 1))
        bye = Move(shown, (say, self._shown(shown), {"type": "hangup", "reason": reason}))
        return bye.then(self.finish(shown))

    def _abused(self, state: CallState, heard: Heard) -> Move:
        """Warn once, then end with the reason stated (Decree art. 4); what was said is filed."""
        level = state.abuse + 1
        matter = heard.matter or state.matter
        kept = replace(state, abuse=level)
        if level >= END_AT_ABUSE:
            if matter.usable:
                kept = replace(kept, matter=matter)
            return self._end(kept, "say_end_abuse", "abuse")
        warn = Move(kept, (self._speaker(state).say("say_warn"),))
        if matter.kind != SURE_ABUSE and heard.matter is not None:
            return warn.then(self._answered(replace(kept, step="ask"), heard))
        if state.slot in ("matter", "more") and matter.usable:
            kept = replace(kept, matter=matter)
        return warn.then(self._asking(kept, state.slot))

    # Not understood, silent, once more

    def _not_understood(self, state: CallState) -> Move:
        if state.step == "transfer":
            return self._waiting(state, Heard())
        count = state.no_matches + 1
        state = replace(state, step="ask", no_matches=count)
        if count >= PERSON_AT:
            vain = replace(state, in_vain=(*state.in_vain, state.slot))
            return self._connect(vain, "person")
        return self._reprompt(state, "no_match", count)

    def _silent(self, state: CallState) -> Move:
        if state.step == "transfer":
            return self._waiting(state, Heard())
        if state.step == "connected":
            return Move(state)
        count = state.silences + 1
        state = replace(state, silences=count)
        if state.slot == "more" and count >= KEYS_AT:
            return self._goodbye(state)
        if count >= SILENCES_TO_END:
            vain = replace(state, in_vain=(*state.in_vain, state.slot))
            return self._end(vain, "say_end_silence", "silence")
        return self._reprompt(state, "silence", count)

    def _reprompt(self, state: CallState, why: str, count: int) -> Move:
        said = self._speaker(state)
        if count < KEYS_AT:
            return self._asking(state, state.slot, prefix=said.text(why))
        prompt = said.text(f"keys_{state.slot}")
        prefix = said.text(why)
        extra = [said.sms("sms_screen", url=URL)] if count == KEYS_AT else []
        return self._asking(state, state.slot, extra, prefix=prefix, question=prompt)

    def _again(self, state: CallState) -> Move:
        if state.step == "transfer":
            return self._waiting(state, Heard())
        told: list[Directive] = []
        if state.slot == "more" and state.mode == "reported":
            told = [self._speaker(state).say("say_reported", receipt=RECEIPT_SPOKEN)]
        return Move(replace(state, step="ask"), (*told, *(dict(one) for one in state.spoken)))

    def _asking(
        self,
        state: CallState,
        slot: Slot,
        before: Sequence[Directive] = (),
        *,
        prompt: str = "",
        prefix: str = "",
        question: str = "",
    ) -> Move:
        """Ask for a slot by voice and on the screen, and remember it for `again`."""
        said = self._speaker(state)
        text = question or (said.text(prompt) if prompt else said.question(slot))
        ask = said.ask(slot, text, prefix)
        screen = said.screen(slot, state.matter, state.screen_rev + 1)
        spoken = tuple(one for one in before if one["type"] in ("say", "confirm"))
        state = replace(state, step="ask", slot=slot, spoken=(*spoken, ask))
        if {**screen, "rev": 0} != {**state.screen, "rev": 0}:
            state = self._screened(state, screen)
        return Move(state, (*before, ask, self._shown(state)))

    def _screened(self, state: CallState, screen: dict[str, Any]) -> CallState:
        return replace(state, screen=screen, screen_rev=screen["rev"])

    def _shown(self, state: CallState) -> Directive:
        return {"type": "visual", "screen": dict(state.screen), "rev": state.screen_rev}

    def _speaker(self, state: CallState) -> Speaker:
        return Speaker(self.pack, state.language)


SWITCH: Mapping[str, Language] = {"english": "en", "korean": "ko"}
ACTIONS = {"connect": "person", "write": "message"}
"""Leaves of the menu that lead to no service and no article."""
SHORT_WISH = 14
"""Letters up to which a wish for a person says nothing else."""
SUMMARY_LETTERS = 200


def _fresh(state: CallState) -> CallState:
    """The call with no matter in hand."""
    return replace(
        state,
        step="ask",
        matter=Matter(),
        asked=(),
        rounds=0,
        no_matches=0,
        transfer=None,
    )


def _with(state: CallState, outcome: Outcome) -> CallState:
    return replace(state, outcomes=tuple(dict.fromkeys((*state.outcomes, outcome))))


def _short(text: str) -> str:
    return text if len(text) <= SUMMARY_LETTERS else text[: SUMMARY_LETTERS - 1] + "…"
