"""The agency's queue: look at it, take from it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from services.access.actor import Actor
from services.api import cursors, views
from services.api.backend import Back, Caller, Json, described, now, validated
from services.cases import queues
from services.cases.case import URGENCIES, Case
from services.cases.orders import Name, Order
from services.cases.search.words import query
from services.cases.states import NAMES
from services.errors import Forbidden, InvalidField

router = APIRouter(tags=["staff"])

MAX_PAGE = 200
OPEN = ["routed", "assigned", "in_progress", "supplement", "field_survey", "cooperation"]
OPEN += ["approval"]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]


class Claim(Order):
    max: Annotated[int, Field(ge=1, le=100)] = 1
    department: Name | None = None


@router.get("/v1/queue", summary="A page of the queue, by due time, then urgency")
def list_queue(
    back: Back,
    actor: Caller,
    state: str | None = None,
    department: str | None = None,
    service: str | None = None,
    urgency: str | None = None,
    overdue: bool = False,
    q: Annotated[str | None, Query(max_length=200)] = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """`state` may name several, with commas; without it, what is open: routed up to approval.
    `q` finds words of the title, the text and the place, and receipt numbers; all of them must
    be there.
    """
    actor.require("staff", "triage", "supervisor")
    wanted = queues.QueueFilter(
        states=_states(state),
        agency_id=actor.agency_id,
        departments=_departments(actor, department),
        service=service,
        urgency=_urgency(urgency),
        overdue=overdue,
        words=query(q) if q else None,
    )
    if q and wanted.words is None:
        return {"items": [], "next_cursor": None}
    after = cursors.decode(cursor)
    with back.database.transaction(actor.scope) as conn:
        page = queues.list_queue(conn, wanted, after, limit, now())
    more = len(page) == limit and page[-1].due_at is not None
    return {
        "items": [views.for_staff(case, back.pack) for case in page],
        "next_cursor": _cursor(page[-1]) if more else None,
    }


@router.post("/v1/queue:claim", summary="Take the next cases", openapi_extra=described(Claim))
def claim(back: Back, actor: Caller, body: Json) -> dict[str, Any]:
    """The most urgent first, then the earliest due; no case goes to two people."""
    actor.require("staff")
    if actor.agency_id is None:
        raise Forbidden("Cases are claimed with an agency's own key.")
    order = validated(Claim, body)
    departments = _departments(actor, order.department)
    with back.database.transaction(actor.scope) as conn:
        cases = queues.claim_next(conn, actor.agency_id, departments, order.max, actor.name, now())
    return {"items": [views.for_staff(case, back.pack) for case in cases]}


def _cursor(last: Case) -> str:
    return cursors.encode(queues.Position(last.due_at or last.received_at, last.urgency, last.id))


def _states(state: str | None) -> list[str]:
    if not state:
        return OPEN
    states = state.split(",")
    if not set(states) <= NAMES.keys():
        raise InvalidField("There is no such state.")
    return states


def _urgency(urgency: str | None) -> int | None:
    if not urgency:
        return None
    if urgency not in URGENCIES:
        raise InvalidField("There is no such urgency.")
    return URGENCIES.index(urgency)


def _departments(actor: Actor, asked: str | None) -> list[str] | None:
    """Departments to look in: those of the key, and of these the one that was asked for."""
    if asked is None:
        return list(actor.departments) if actor.departments else None
    if actor.departments and asked not in actor.departments:
        raise Forbidden
    return [asked]
