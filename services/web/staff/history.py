"""What happened to a case, in words: who, what, and what was said along with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.cases.case import Event
from services.city import CityPack
from services.web.language import Words


@dataclass(frozen=True, slots=True)
class Entry:
    """`said` are (label, text) pairs; `state` is a code, empty where it stayed."""

    at: datetime
    who: str
    what: str
    state: str
    said: list[tuple[str, str]]


SHOWN = (
    *("text", "reason", "outcome", "until", "consent", "agency", "department", "assignee"),
    *("suggested_agency", "into", "from", "parent", "due_at", "days"),
)


def entries(
    events: Sequence[Event], names: Mapping[str, str], pack: CityPack, say: Words, when: Any
) -> list[Entry]:
    """`when` writes a time as the reader's language does."""
    return [
        Entry(
            at=event.at,
            who=who(event.actor, names, say),
            what=say(f"staff.action.{event.action}")
            if say.known(f"staff.action.{event.action}")
            else event.action,
            state=event.to_state if event.to_state != event.from_state else "",
            said=list(_said(event.data, names, pack, say, when)),
        )
        for event in events
    ]


def who(actor: str, names: Mapping[str, str], say: Words) -> str:
    """A person by name; a program by what it is."""
    if actor in names:
        return names[actor]
    role = actor.partition(":")[0]
    return say(f"staff.who.{role}") if say.known(f"staff.who.{role}") else say("staff.who.staff")


def _said(
    data: Mapping[str, Any], names: Mapping[str, str], pack: CityPack, say: Words, when: Any
) -> Iterator[tuple[str, str]]:
    for name in SHOWN:
        if data.get(name) not in (None, "", False):
            yield say(f"staff.said_of.{name}"), _value(name, data[name], names, say, when)
    for name in ("service", "kind", "petition_kind", "urgency", "due"):
        change = data.get(name)
        if isinstance(change, dict):
            before, after = (
                _label(name, change.get(side), pack, say, when) for side in ("before", "after")
            )
            yield say(f"staff.field.{name}"), f"{before} → {after}"


def _value(name: str, value: Any, names: Mapping[str, str], say: Words, when: Any) -> str:
    text = str(value)
    if name == "assignee":
        return who(text, names, say)
    if name in ("until", "due_at"):
        return str(when(datetime.fromisoformat(text)))
    if name in ("outcome", "reason") and say.known(f"staff.{name}.{text}"):
        return say(f"staff.{name}.{text}")
    if name == "reason" and say.known(f"staff.close.{text}"):
        return say(f"staff.close.{text}")
    return say("staff.yes") if value is True else text


def _label(name: str, code: Any, pack: CityPack, say: Words, when: Any) -> str:
    if name == "due":
        return str(when(datetime.fromisoformat(code))) if code else ""
    if name == "petition_kind":
        return pack.petitions.named(str(code)).name
    if name == "service":
        return pack.services[code].name if code in pack.services else str(code or "")
    return say(f"staff.{name}.{code}") if say.known(f"staff.{name}.{code}") else str(code or "")
