"""`/staff/overdue`: what is due soon, what is late and where, and each month's list of it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import Response

from services.access.actor import Actor
from services.api import cursors
from services.api.backend import now
from services.api.routes import overdue as monthly
from services.api.routes import queue
from services.cases import queues
from services.cases.case import Case
from services.cases.reminders.store import count_deadlines
from services.errors import Forbidden
from services.web.staff.due import due
from services.web.staff.frame import Frame, Framed
from services.web.staff.navigation import heads

router = APIRouter(prefix="/overdue")

PAGE: Final = 50
SOON: Final = timedelta(hours=24)
MONTHS: Final = 12
OPEN: Final = [*queue.OPEN, "review", "reroute_requested", "arbitration"]
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@router.get("")
def show(
    frame: Framed, department: str = "", late: bool = True, cursor: str | None = None
) -> Response:
    """Late cases, or with `late=0` those due next, of one department or all."""
    actor, pack, time = _checked(frame), frame.back.pack, now()
    own = _departments(actor)
    if department and own and department not in own:
        raise Forbidden
    wanted = queues.QueueFilter(
        states=OPEN,
        agency_id=actor.agency_id,
        departments=[department] if department else own,
        overdue=late,
    )
    after = cursors.decode(cursor) or (None if late else queues.Position(time, 0, UUID(int=0)))
    with frame.back.database.transaction(actor.scope) as conn:
        units = count_deadlines(conn, actor.agency_id, own, time, time + SOON)
        page = queues.list_queue(conn, wanted, after, PAGE, time)
    return frame.page(
        "staff/overdue.html",
        units=units,
        late=late,
        department=department,
        cases=[case for case in page if case.due_at and (late or case.due_at <= time + SOON)],
        older=_cursor(page[-1]) if len(page) == PAGE else "",
        due=lambda case: due(case, pack, time, frame.say),
    )


def _cursor(last: Case) -> str:
    return cursors.encode(queues.Position(last.due_at or last.received_at, last.urgency, last.id))


@router.get("/months")
def show_month(
    frame: Framed, month: str = "", agency: str = "", cursor: str | None = None
) -> Response:
    """The list of a month, by default of the last one that ended."""
    actor, back = _checked(frame), frame.back
    known = _months(now().astimezone(ZoneInfo(back.pack.timezone)))
    chosen = month if _MONTH.fullmatch(month) else known[0]
    found: dict[str, Any] = monthly.list_overdue(
        back, actor, month=chosen, agency=agency or None, cursor=cursor, limit=PAGE
    )
    return frame.page(
        "staff/overdue_month.html",
        month=chosen,
        months=[(m, m) for m in sorted({chosen, *known}, reverse=True)],
        agency=agency,
        agencies=_agencies(frame, actor),
        items=found["items"],
        older=found["next_cursor"],
    )


def _checked(frame: Frame) -> Actor:
    if not heads(frame.actor):
        raise Forbidden
    return frame.actor


def _departments(actor: Actor) -> list[str] | None:
    return list(actor.departments) if actor.departments else None


def _months(today: datetime) -> list[str]:
    """The months that ended, the last first, as in 2026-08."""
    last = today.year * 12 + today.month - 2
    return [f"{n // 12}-{n % 12 + 1:02}" for n in range(last, last - MONTHS, -1)]


def _agencies(frame: Frame, actor: Actor) -> list[tuple[str, str]]:
    agencies = frame.back.pack.agencies.values()
    own = [a for a in agencies if actor.agency_id in (None, a.id) and a.kind != "external"]
    return [(agency.name, agency.name) for agency in own]
