"""What is left of a case's time, as a colour and as words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.cases import account
from services.cases.account import minutes
from services.cases.case import Case
from services.cases.deadline import calendar
from services.cases.reminders.rules import margin
from services.city import CityPack
from services.web.language import Words


@dataclass(frozen=True, slots=True)
class Due:
    """`kind` is a badge's colour; the words say the same."""

    at: datetime
    words: str
    kind: str


def due(case: Case, pack: CityPack, now: datetime, say: Words) -> Due | None:
    """None once the case is answered or out of our hands."""
    days = calendar(pack)
    left = account.of_case(case, days, now)
    if left is None or case.due_at is None:
        return None
    if left.paused:
        return Due(case.due_at, say("staff.due.paused", span=span(left.left, say)), "")
    if left.late:
        return Due(case.due_at, say("staff.due.late", span=span(left.late, say)), "danger")
    near = left.left <= margin(days, pack, case.petition_kind)
    return Due(
        case.due_at,
        say("staff.due.left", span=span(left.left, say)),
        "warning" if near else "success",
    )


def span(time: timedelta, say: Words) -> str:
    """Working time in days of eight hours, hours and minutes; the two greatest of them."""
    hours, rest = divmod(minutes(time), 60)
    days, of_day = divmod(hours, 8)
    parts = [("days", days), ("hours", of_day), ("minutes", rest)]
    first = next((n for n, (_, count) in enumerate(parts) if count), 2)
    shown = [part for part in parts[first : first + 2] if part[1]] or [parts[2]]
    return " ".join(say(f"staff.due.{name}", count=count) for name, count in shown)
