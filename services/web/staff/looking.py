"""A case as the desks look at it: the words, the history by name, who else looks. It is logged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.access import audit
from services.access.actor import person_id
from services.access.staff import display_names
from services.api import views
from services.cases import store
from services.cases.acting import visible
from services.cases.case import Case, Event
from services.cases.presence.store import Presence, look_at
from services.database import Connection
from services.web.language import Words
from services.web.staff.frame import Frame

HANDED = ("route", "review", "decide", "arbitrate", "reroute", "transfer-out")
"""Steps that say whose case it is."""


@dataclass(frozen=True, slots=True)
class Look:
    """`shown` is what the API tells staff of the case; `left` and `late` are working minutes."""

    case: Case
    shown: dict[str, Any]
    segments: Sequence[dict[str, Any]]
    events: Sequence[Event]
    names: dict[str, str] = field(default_factory=dict)
    others: Sequence[Presence] = ()

    @property
    def handed(self) -> list[Event]:
        return [event for event in self.events if event.action in HANDED]

    @property
    def last(self) -> Event | None:
        """The step that decided the case, for whoever comes too late."""
        return self.handed[-1] if self.handed else None


def look(conn: Connection, frame: Frame, id: UUID) -> Look:
    """Raises `NotFound`."""
    actor, back = frame.actor, frame.back
    case = visible(store.find_case(conn, id), actor)
    segments = store.list_segments(conn, case.interaction_id) or []
    events = store.list_events(conn, id)
    names = display_names(conn, _actors(case, events))
    others = look_at(conn, id, actor.name, actor.display_name or actor.name)
    audit.record(conn, actor, "read_case", address=frame.visit.address, case_id=id)
    return Look(case, views.for_review(case, back.pack), segments, events, names, others)


def _actors(case: Case, events: Iterable[Event]) -> list[str | None]:
    return [case.assignee, *(event.actor for event in events)]


def who(name: str, names: dict[str, str], say: Words) -> str:
    """How a page names whoever did something: a person by name, a program by its role."""
    if name in names:
        return names[name]
    role = name.partition(":")[0]
    if person_id(name) is None and say.known(f"desk.who.{role}"):
        return say(f"desk.who.{role}")
    return say("desk.who.someone")


def span(minutes: int, say: Words) -> str:
    """Working time in words: hours and minutes."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return say("desk.span.minutes", minutes=rest)
    if not rest:
        return say("desk.span.hours", hours=hours)
    return say("desk.span.both", hours=hours, minutes=rest)


def due(remaining: dict[str, Any] | None, say: Words) -> tuple[str, str]:
    """What is left of a case's time, and the kind of badge for it; the words say it all."""
    if remaining is None:
        return "", ""
    if remaining["overdue_working_minutes"]:
        return say("desk.due.late", span=span(remaining["overdue_working_minutes"], say)), "danger"
    left = span(remaining["working_minutes"], say)
    if remaining["paused"]:
        return say("desk.due.paused", span=left), ""
    soon = remaining["working_minutes"] <= SOON_MINUTES
    return say("desk.due.left", span=left), "warning" if soon else "success"


SOON_MINUTES = 60


def waited(since: datetime, say: Words) -> str:
    return span(int((datetime.now(UTC) - since).total_seconds() // 60), say)
