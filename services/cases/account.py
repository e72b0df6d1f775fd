"""The clock's account: which day counted for how much, what is left, and why it is due then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from services.cases.case import Case
from services.cases.clock import (
    Calendar,
    Period,
    days_from,
    due_at,
    working_time_between,
    working_time_left_in,
)
from services.cases.deadline import period
from services.city import CityPack

FARTHEST: Final = timedelta(days=366)
"""Beyond this, what is left or late is told as this much."""
_WEEKDAYS: Final = "월화수목금토일"
DayKind = Literal["counted", "paused", "weekend", "holiday"]
_DAY_KINDS: Final[Mapping[DayKind, str]] = {
    "counted": "산입",
    "paused": "정지",
    "weekend": "주말",
    "holiday": "공휴일",
}
Pauses = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class DayCount:
    """`counted` is working time; for a period in days `number` is which of them the day was."""

    day: date
    kind: DayKind
    counted: timedelta
    number: int | None

    def as_json(self) -> dict[str, Any]:
        return {
            "date": self.day.isoformat(),
            "weekday": _WEEKDAYS[self.day.weekday()],
            "kind": self.kind,
            "kind_name": _DAY_KINDS[self.kind],
            "minutes": minutes(self.counted),
            "day": self.number,
        }


def day_by_day(
    calendar: Calendar, length: Period, received_at: datetime, pauses: Pauses = ()
) -> list[DayCount]:
    """Each day from receipt to the due time; what is counted adds up to the period."""
    start = received_at.astimezone(calendar.timezone)
    due = due_at(calendar, length, received_at, pauses)
    in_days = calendar.working_time(length) is None
    days: list[DayCount] = []
    number = 0
    for day in days_from(start.date()):
        if day > due.date():
            return days
        left = working_time_left_in(calendar, day, pauses)
        counts = bool(left) if in_days else False
        number += counts
        counted = timedelta()
        if not in_days:
            counted = working_time_left_in(calendar, day, pauses, since=start, until=due)
        kind = _kind(calendar, day, worked=bool(left))
        days.append(DayCount(day, kind, counted, number if counts else None))
    raise AssertionError("days never end")


def _kind(calendar: Calendar, day: date, *, worked: bool) -> DayKind:
    if not calendar.is_working_day(day):
        return "weekend" if day.weekday() in calendar.weekend else "holiday"
    return "counted" if worked else "paused"


@dataclass(frozen=True, slots=True)
class Remaining:
    """Working time to the due time, or past it; one of them is zero. It stands still in a pause."""

    left: timedelta
    late: timedelta
    paused: bool

    @property
    def words(self) -> str:
        if self.late:
            return f"근무시간 {in_words(self.late)} 지남"
        return f"근무시간 {in_words(self.left)} 남음{' (정지 중)' if self.paused else ''}"

    def as_json(self) -> dict[str, Any]:
        return {
            "working_minutes": minutes(self.left),
            "overdue_working_minutes": minutes(self.late),
            "paused": self.paused,
            "text": self.words,
        }


def remaining(
    calendar: Calendar, due: datetime, now: datetime, paused_since: datetime | None = None
) -> Remaining:
    """What is left at `now`, or was left when the running pause began."""
    moment = now if paused_since is None else min(now, paused_since)
    left = working_time_between(calendar, moment, min(due, moment + FARTHEST))
    late = working_time_between(calendar, due, min(moment, due + FARTHEST))
    return Remaining(left, late, paused_since is not None)


def of_case(case: Case, calendar: Calendar, now: datetime) -> Remaining | None:
    """What is left of a case's time; None once it is answered or out of our hands."""
    if case.due_at is None or case.state in ("resolved", "closed", "transferred_out"):
        return None
    return remaining(calendar, case.due_at, now, case.paused_since)


def due_reason(case: Case, pack: CityPack) -> dict[str, Any]:
    """Why a case is due when it is: its kind, the article, how it is counted, the pauses."""
    kind = pack.petitions.named(case.petition_kind)
    pauses = [{"from": start, "to": end} for start, end in case.closed_pauses]
    words = f"{kind.name}: {_length(pack, case.petition_kind)} ({kind.law})"
    if pauses or case.paused_since:
        words += f", 처리기간에 넣지 않은 기간 {len(pauses) + bool(case.paused_since)}회"
    return {
        "petition_kind": kind.id,
        "petition_kind_name": kind.name,
        "law": kind.law,
        "pauses": pauses,
        "paused_since": case.paused_since,
        "text": words,
    }


def _length(pack: CityPack, kind_id: str) -> str:
    kind = pack.petitions.named(kind_id)
    if kind.length is None:
        return "처리기간표에 따름"
    length = period(pack, kind_id)
    if length.hours:
        return f"근무시간 {length.hours}시간"
    unit = (
        "근무시간으로 셈" if length.days <= pack.clock.days_counted_in_hours_up_to else "첫날 포함"
    )
    return f"{length.days}일, {unit}"


def in_words(span: timedelta) -> str:
    hours, rest = divmod(minutes(span), 60)
    if hours and rest:
        return f"{hours}시간 {rest}분"
    return f"{hours}시간" if hours else f"{rest}분"


def minutes(span: timedelta) -> int:
    """Whole minutes, the last one begun counted: what is late is late by one at least."""
    return -(-span // timedelta(minutes=1))
