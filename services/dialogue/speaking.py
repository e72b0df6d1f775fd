"""Directives: what the ARS is told to say, ask, show and do. Plain JSON objects with a `type`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.city import CityPack
from services.city.dialogue import Language
from services.dialogue.state import CallState, Matter, Slot, Target, Transfer

Directive = dict[str, Any]
RECEIPT, RECEIPT_SPOKEN, URL = "{receipt}", "{receipt_spoken}", "{url}"
"""Filled in when the case is filed, in the same transaction, or when the address is known."""
MAX_RETRIES = 3
RING_SECONDS = 30
NO_SERVICE = "other"
MODES = ["speech", "dtmf", "visual"]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Makes directives from the pack's texts, in the caller's language."""

    pack: CityPack
    language: Language

    def text(self, name: str, **names: str) -> str:
        script = self.pack.dialogue.texts[self.language]
        return script[name].format(**names)

    def say(self, name: str, **names: str) -> Directive:
        return {"type": "say", "text": self.text(name, **names)}

    def sms(self, name: str, **names: str) -> Directive:
        return {"type": "sms", "text": self.text(name, city=self.pack.name, **names)}

    def confirm(self, matter: Matter) -> Directive:
        """What was understood, for the caller to say yes or no to."""
        plain = matter.service in (None, NO_SERVICE) or self.language == "en"
        name = "confirm_plain" if plain else "confirm" if matter.agency else "confirm_unowned"
        if matter.kind == "inquiry":
            name = "confirm_question"
        text = self.text(name, summary=self.summary(matter), owner=self.owner(matter))
        return {"type": "confirm", "text": text}

    def ask(self, slot: Slot, prompt: str, prefix: str = "") -> Directive:
        """A question; 0 is a person in every one."""
        keys = self.pack.dialogue.keys.get(slot, {})
        return {
            "type": "ask",
            "slot": slot,
            "prompt": f"{prefix} {prompt}".strip(),
            "modes": MODES,
            "dtmf_map": {**keys, "0": "person"},
            "timeout_ms": self.pack.dialogue.ask_timeout_ms,
            "max_retries": MAX_RETRIES,
            "bargein": True,
        }

    def question(self, slot: Slot) -> str:
        return self.text(f"ask_{slot}")

    def summary(self, matter: Matter) -> str:
        if matter.service is None or self.language == "en":
            return self.text("summary_unknown")
        name = self.pack.services[matter.service].name
        where = matter.dong or matter.place or matter.district
        return f"{where} {name}" if where else name

    def owner(self, matter: Matter) -> str:
        return matter.agency_name or self.text("owner_unknown")

    def screen(self, slot: Slot, matter: Matter, rev: int) -> dict[str, Any]:
        """What the caller's phone shows beside a question: the same answers to tap."""
        asked = self.question(slot)
        values = [*self.pack.dialogue.keys.get(slot, {}).values(), "person"]
        return {
            "name": slot,
            "rev": rev,
            "text": f"{self.confirm(matter)['text']} {asked}" if slot == "confirm" else asked,
            "choices": [{"node_id": value, "label": self.label(value)} for value in values],
            "input": "place" if slot == "place" else None if slot == "more" else "text",
            "photos": len(matter.photos),
        }

    def note(self, name: str, text: str, rev: int) -> dict[str, Any]:
        """A screen that asks nothing."""
        return {"name": name, "rev": rev, "text": text, "choices": [], "input": None}

    def label(self, value: str) -> str:
        return self.pack.dialogue.texts[self.language].get(f"label_{value}", value)

    def transfer(self, transfer: Transfer, summary: str) -> Directive:
        """`number` is null and `mode` "by_name" where the pack has no confirmed number."""
        rings = {
            self.named(line.agency): line.ring_timeout_s
            for line in self.pack.dialogue.lines.values()
        }
        again = transfer.target == "emergency" and transfer.tries == 1
        return {
            "type": "transfer",
            "agency": transfer.agency,
            "number": transfer.number,
            "mode": "number" if transfer.number else "by_name",
            "target": transfer.target,
            "summary": summary,
            "ring_timeout_s": rings.get(transfer.agency, RING_SECONDS),
            "on_fail": "retry" if again else "report",
        }

    def named(self, agency: str) -> str:
        return self.pack.agencies[agency].name

    def target(self, target: Target, agency: str | None = None) -> Transfer:
        script = self.pack.dialogue
        if target == "person":
            return Transfer(target, script.desk, None)
        if target == "interpreter":
            return Transfer(target, script.interpreter, script.interpreter_number)
        line = script.lines[agency or ""]
        return Transfer(target, self.named(line.agency), line.number)


def spoken_number(receipt_number: str) -> str:
    """A receipt number digit by digit, as it is read out: `20261122-13` as `2 0 2 6 … 다시 1 3`."""
    return " 다시 ".join(" ".join(part) for part in receipt_number.split("-"))


def filled(directives: Sequence[Directive], values: Mapping[str, str]) -> list[Directive]:
    """The directives with what was not known when they were made: receipt number, address."""
    return [_filled(directive, values) for directive in directives]


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str) and "{" in value:
        for name, text in values.items():
            value = value.replace(name, text)
        return value
    if isinstance(value, dict):
        return {key: _filled(inner, values) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, values) for inner in value]
    return value


def speaker(pack: CityPack, state: CallState) -> Speaker:
    return Speaker(pack, state.language)
