"""A case: what is known of it, what happened to it, and what is done with it."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query
from starlette.responses import Response

from services.access import audit
from services.access.actor import Actor
from services.api import views
from services.api.backend import Address, Back, Backend, Caller, Json, PathId, described, validated
from services.cases import store
from services.cases.acting import act as act_on
from services.cases.acting import visible
from services.cases.actions import ACTIONS
from services.cases.case import Case
from services.cases.orders import Order
from services.cases.proposals import proposals
from services.cases.states import MOVES, UnknownAction
from services.errors import TriageError
from services.intake.store import find_contact

router = APIRouter(tags=["staff"])

IfMatch = Annotated[str | None, Header(alias="If-Match", description='The ETag, as in "3".')]
STAFF = ("staff", "triage", "supervisor")
ELSEWHERE = frozenset({"claim", "decide", "arbitrate", "answer-cooperation"})
"""Actions that have a path of their own."""
WITHIN = frozenset({"answer-supplement", "add", "take-in", "finish"})
"""Actions that no member of staff takes."""
ORDERS = tuple(
    dict.fromkeys(
        action.order for name, action in ACTIONS.items() if name not in ELSEWHERE | WITHIN
    )
)
_NO_CONTACT: dict[str, Any] = {"name": None, "phone": None, "email": None, "in_text": []}


class PreconditionRequired(TriageError):
    """Send the case's ETag as If-Match, so that nobody's work is overwritten unseen."""

    code = "precondition_required"
    status = 428


@router.get("/v1/cases/{id}", summary="A case, with its ETag")
def show_case(
    id: PathId, back: Back, actor: Caller, where: Address, response: Response
) -> dict[str, Any]:
    """Each look is logged."""
    actor.require(*STAFF)
    with back.database.transaction(actor.scope) as conn:
        case = visible(store.find_case(conn, id), actor)
        segments = store.list_segments(conn, case.interaction_id)
        audit.record(conn, actor, "read_case", address=where, case_id=id)
    response.headers["ETag"] = etag(case.version)
    return {**views.for_staff(case, back.pack), "segments": segments}


@router.get("/v1/cases/{id}/contact", summary="How the citizen can be reached")
def show_contact(id: PathId, back: Back, actor: Caller, where: Address) -> dict[str, Any]:
    """Name, phone and e-mail as given, and what was masked in the text; each look is logged."""
    actor.require(*STAFF)
    with back.database.transaction(actor.scope) as conn:
        visible(store.find_case(conn, id), actor)
        sealed, reply_by = find_contact(conn, id)
        audit.record(conn, actor, "read_contact", address=where, case_id=id)
    given = back.sealer.unseal(sealed) if sealed else {}
    return {**_NO_CONTACT, **given, "reply_by": reply_by}


@router.get("/v1/cases/{id}/events", summary="What happened to a case, oldest first")
def list_events(id: PathId, back: Back, actor: Caller, where: Address) -> dict[str, Any]:
    """Each look is logged."""
    actor.require(*STAFF)
    with back.database.transaction(actor.scope) as conn:
        visible(store.find_case(conn, id), actor)
        events = store.list_events(conn, id)
        audit.record(conn, actor, "read_events", address=where, case_id=id)
    return {"items": [views.event(event) for event in events], "next_cursor": None}


@router.get("/v1/cases/{id}/similar", summary="Resolved cases that read alike")
def list_similar(
    id: PathId,
    back: Back,
    actor: Caller,
    where: Address,
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> dict[str, Any]:
    """Each look is logged, with the cases that were shown."""
    actor.require(*STAFF)
    with back.database.transaction(actor.scope) as conn:
        visible(store.find_case(conn, id), actor)
        departments = list(actor.departments) if actor.departments else None
        found = store.list_similar(conn, id, departments, limit)
        shown = [str(item.id) for item in found]
        audit.record(conn, actor, "read_similar", address=where, case_id=id, cases=shown)
    return {"items": [views.similar(item) for item in found], "next_cursor": None}


@router.get("/v1/cases/{id}/proposals", summary="Merge many of one purpose? Close a repeat?")
def list_proposals(id: PathId, back: Back, actor: Caller, where: Address) -> dict[str, Any]:
    """With the evidence; nothing happens until a person takes the action. Each look is logged."""
    actor.require(*STAFF)
    with back.database.transaction(actor.scope) as conn:
        case = visible(store.find_case(conn, id), actor)
        found = proposals(conn, case, back.pack)
        shown = [str(alike.id) for item in found for alike in item.evidence]
        audit.record(conn, actor, "read_proposals", address=where, case_id=id, cases=shown)
    return {"items": [views.proposal(item) for item in found], "next_cursor": None}


ABOUT = "\n".join(
    f"- `{name}` ({', '.join(sorted(MOVES[name].roles - {'system', 'citizen'}))}): {action.about}"
    for name, action in ACTIONS.items()
    if name not in ELSEWHERE | WITHIN
)


@router.post(
    "/v1/cases/{id}/{action}",
    summary="Act on a case",
    description=f"Each action with the roles that take it.\n\n{ABOUT}",
    openapi_extra=described(*ORDERS),
)
def act(
    id: PathId,
    action: str,
    back: Back,
    actor: Caller,
    body: Json,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    actor.require(*STAFF)
    if action not in ACTIONS or action in ELSEWHERE | WITHIN:
        raise UnknownAction
    if if_match is None:
        raise PreconditionRequired
    order = validated(ACTIONS[action].order, body)
    case = carry_out(back, actor, id, action, order, if_match)
    response.headers["ETag"] = etag(case.version)
    return views.for_staff(case, back.pack)


def carry_out(
    back: Backend, actor: Actor, id: UUID, action: str, order: Order, if_match: str | None
) -> Case:
    """Take `action` in one transaction and return the case as it is afterwards.

    Raises what `acting.act` raises, as `NotFound` for another agency's case.
    """
    with back.database.transaction(actor.scope) as conn:
        fits = None if if_match is None else partial(matches, if_match)
        return act_on(conn, id, action, order, back.situation(actor), fits)


def etag(version: int) -> str:
    return f'"{version}"'


def matches(if_match: str, version: int) -> bool:
    """RFC 9110, 13.1.1: any of several tags, or `*`; a tag without its quotes is understood."""
    tags = {tag.strip().strip('"') for tag in if_match.split(",")}
    return "*" in tags or str(version) in tags
