"""When a deadline is worth a word: rules in working time, without a clock or a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from services.cases.account import minutes, remaining
from services.cases.clock import Calendar, Period, due_at
from services.cases.deadline import period
from services.city import CityPack

Kind = Literal["due_soon", "overdue", "escalated"]
LONGEST_MARGIN: Final = timedelta(hours=8)
"""A working day: enough to act in, and short enough that the word is not forgotten."""
_SHARE: Final = 3
"""A third of a short period: one hour of the three of a petition to be answered at once."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """An open case whose clock runs; `told` are the kinds told of this very due time."""

    id: UUID
    due_at: datetime
    petition_kind: str
    agency_id: str | None
    department: str | None
    told: list[str]


@dataclass(frozen=True, slots=True)
class Reminder:
    case_id: UUID
    kind: Kind
    mark: datetime
    data: Mapping[str, Any]


def horizon(calendar: Calendar, now: datetime) -> datetime:
    """Whatever is due later than this needs no word yet."""
    return due_at(calendar, Period(hours=int(LONGEST_MARGIN / timedelta(hours=1))), now)


def margin(calendar: Calendar, pack: CityPack, kind: str) -> timedelta:
    """Working time before the due time from which it is near, and after it, from which it is a
    supervisor's matter.
    """
    if pack.petitions.named(kind).length is None:
        return LONGEST_MARGIN
    length = period(pack, kind)
    whole = calendar.working_time(length)
    if whole is None:
        return LONGEST_MARGIN
    return min(whole / _SHARE, LONGEST_MARGIN)


def reminders(
    deadline: Deadline, calendar: Calendar, pack: CityPack, now: datetime
) -> list[Reminder]:
    """What has not been told yet and is so at `now`."""
    found = remaining(calendar, deadline.due_at, now)
    near = margin(calendar, pack, deadline.petition_kind)
    due: list[Kind] = []
    if deadline.due_at <= now:
        due += ["overdue"]
        if found.late >= near:
            due += ["escalated"]
    elif found.left <= near:
        due += ["due_soon"]
    data = {
        "due_at": deadline.due_at.astimezone(calendar.timezone).isoformat(),
        "working_minutes": minutes(found.left),
        "overdue_working_minutes": minutes(found.late),
        "text": found.words,
    }
    return [
        Reminder(deadline.id, kind, deadline.due_at, data)
        for kind in due
        if kind not in deadline.told
    ]
