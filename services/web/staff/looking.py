"""A case as the desks look at it: the words, the history by name, who else looks. It is logged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.access import audit
from services.access.staff import display_names
from services.api import views
from services.api.backend import now
from services.cases import store
from services.cases.acting import visible
from services.cases.case import Case, Event
from services.cases.presence.store import Presence, look_at
from services.database import Connection
from services.web.language import Words
from services.web.staff.due import Due, due
from services.web.staff.frame import Frame

HANDED = ("route", "review", "decide", "arbitrate", "reroute", "transfer-out")
"""Steps that say whose case it is."""


@dataclass(frozen=True, slots=True)
class Look:
    """`shown` is what the API tells the desk of the case."""

    case: Case
    shown: dict[str, Any]
    segments: Sequence[dict[str, Any]]
    events: Sequence[Event]
    names: dict[str, str]
    others: Sequence[Presence]
    due: Due | None

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
    return Look(
        case=case,
        shown=views.for_review(case, back.pack),
        segments=segments,
        events=events,
        names=names,
        others=others,
        due=due(case, back.pack, now(), frame.say),
    )


def _actors(case: Case, events: Iterable[Event]) -> list[str | None]:
    return [case.assignee, *(event.actor for event in events)]


def waited(since: datetime, say: Words) -> str:
    """How long ago, in hours and minutes of the clock on the wall."""
    hours, minutes = divmod(int((datetime.now(UTC) - since).total_seconds() // 60), 60)
    if hours:
        return say("desk.ago.hours", hours=hours, minutes=minutes)
    return say("desk.ago.minutes", minutes=minutes) if minutes else say("desk.ago.now")
