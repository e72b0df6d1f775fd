"""`/staff`: one's own cases, the department's queue, and the next case with one press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.access.staff import display_names
from services.api import cursors
from services.api.backend import now
from services.api.routes.queue import OPEN
from services.cases import queues
from services.cases.case import URGENCIES, Case
from services.cases.queues import Position, QueueFilter
from services.cases.search.words import query
from services.city import CityPack
from services.database import Connection
from services.web import forms
from services.web.staff.due import Due, due
from services.web.staff.frame import Frame, Framed

router = APIRouter()

HERE: Final = "/staff"
PAGE: Final = 30
SHOWN: Final = ("routed", "assigned", "in_progress", "supplement", "field_survey", "cooperation")
STATES: Final = (*SHOWN, "approval", "reroute_requested", "arbitration", "resolved", "closed")
Word = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Row:
    case: Case
    due: Due | None
    assignee: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """What the filter's fields say; empty ones ask for all."""

    q: str = ""
    state: str = ""
    service: str = ""
    urgency: str = ""
    department: str = ""
    agency: str = ""
    overdue: str = ""

    @property
    def given(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}


def my_cases(frame: Framed, cursor: Word = "") -> Response:
    mine = QueueFilter(states=OPEN, agency_id=frame.actor.agency_id, assignee=frame.actor.name)
    return _page(frame, "mine", mine, Wish(), cursor)


@router.get("/queue")
def queue(
    frame: Framed,
    q: Word = "",
    state: Word = "",
    service: Word = "",
    urgency: Word = "",
    department: Word = "",
    agency: Word = "",
    overdue: Word = "",
    cursor: Word = "",
) -> Response:
    wish = Wish(q.strip(), state, service, urgency, department, agency, overdue)
    return _page(frame, "queue", _filter(frame, wish), wish, cursor)


@router.get("/approvals")
def approvals(frame: Framed, cursor: Word = "") -> Response:
    """What others submitted and this person may approve."""
    wanted = QueueFilter(
        states=["approval"],
        agency_id=frame.actor.agency_id,
        departments=departments_of(frame),
        not_by=frame.actor.name,
    )
    return _page(frame, "approvals", wanted, Wish(), cursor)


@router.post("/claim")
def claim(form: forms.Posted, frame: Framed) -> Response:
    """The next case, opened. The same press sent twice takes one case: `at` is the page's time."""
    actor = frame.actor
    actor.require("staff")
    if actor.agency_id is None:
        return frame.to("/staff/queue", "claim_needs_agency")
    wanted = QueueFilter(states=["assigned"], agency_id=actor.agency_id, assignee=actor.name)
    moment = now()
    with frame.back.database.transaction(actor.scope) as conn:
        own = queues.list_queue(conn, wanted, None, PAGE, moment)
        since = _time(forms.text(form, "at"))
        found = [case for case in own if since and case.updated_at > since]
        said = ""
        if not found:
            departments = departments_of(frame)
            found = queues.claim_next(conn, actor.agency_id, departments, 1, actor.name, moment)
            said = "claimed"
    if not found:
        return frame.to("/staff/queue", "nothing_to_claim")
    return frame.to(f"/staff/cases/{found[0].id}", said)


def departments_of(frame: Frame) -> list[str] | None:
    return list(frame.actor.departments) if frame.actor.departments else None


def _filter(frame: Frame, wish: Wish) -> QueueFilter:
    """What the wish means for this person; what it may not name is left out of it."""
    actor, pack = frame.actor, frame.back.pack
    own = departments_of(frame)
    named = wish.department and (own is None or wish.department in own)
    return QueueFilter(
        states=[wish.state] if wish.state in STATES else OPEN,
        agency_id=actor.agency_id or (wish.agency if wish.agency in pack.agencies else None),
        departments=[wish.department] if named else own,
        service=wish.service or None,
        urgency=URGENCIES.index(wish.urgency) if wish.urgency in URGENCIES else None,
        overdue=bool(wish.overdue),
        words=query(wish.q) if wish.q else None,
    )


def _page(frame: Frame, view: str, wanted: QueueFilter, wish: Wish, cursor: str) -> Response:
    moment, after = now(), cursors.decode(cursor)
    whole = QueueFilter(OPEN, frame.actor.agency_id, departments_of(frame))
    with frame.back.database.transaction(frame.actor.scope) as conn:
        unfound = bool(wish.q) and wanted.words is None
        cases = [] if unfound else queues.list_queue(conn, wanted, after, PAGE, moment)
        counts = queues.count_work(conn, whole, frame.actor.name, moment)
        rows = rows_of(conn, frame, cases, moment)
    return frame.page(
        "staff/queue.html",
        view=view,
        rows=rows,
        wish=wish,
        counts=counts,
        older=_older(frame.request.url.path, wish, cases),
        newer=f"{frame.request.url.path}?{urlencode(wish.given)}" if cursor else "",
        at=moment.isoformat(),
        may_claim=frame.actor.role in ("staff", "admin") and frame.actor.agency_id is not None,
        **choices(frame),
    )


def rows_of(conn: Connection, frame: Frame, cases: list[Case], moment: datetime) -> list[Row]:
    names = display_names(conn, [case.assignee for case in cases])
    me = frame.actor.name
    return [
        Row(
            case,
            due(case, frame.back.pack, moment, frame.say),
            names.get(case.assignee or "", case.assignee or ""),
            case.assignee == me,
        )
        for case in cases
    ]


def _older(path: str, wish: Wish, cases: list[Case]) -> str:
    if len(cases) < PAGE or cases[-1].due_at is None:
        return ""
    last = cases[-1]
    end = cursors.encode(Position(last.due_at or last.received_at, last.urgency, last.id))
    return f"{path}?{urlencode({**wish.given, 'cursor': end})}"


def choices(frame: Frame) -> Mapping[str, Any]:
    """What the filter's lists offer, as the component `select` takes them."""
    pack, actor = frame.back.pack, frame.actor
    own = actor.departments or department_names(pack, actor.agency_id)
    held = [a for a in pack.agencies.values() if a.kind != "external"]
    return {
        "states": [("", [(code, frame.say(f"staff.state.{code}")) for code in STATES])],
        "services": services_by_group(pack),
        "urgencies": [("", [(u, frame.say(f"staff.urgency.{u}")) for u in URGENCIES])],
        "departments": [("", [(name, name) for name in own])],
        "agencies": []
        if actor.agency_id
        else [("", [(agency.id, agency.name) for agency in held])],
    }


def department_names(pack: CityPack, agency_id: str | None) -> list[str]:
    return sorted(unit.name for unit in pack.departments.get(agency_id or "", ()))


def services_by_group(pack: CityPack) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for service in pack.services.values():
        groups.setdefault(service.group, []).append((service.code, service.name))
    return list(groups.items())


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else None
