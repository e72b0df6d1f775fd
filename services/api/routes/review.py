"""The triage desk: what the machine would not decide, and what agencies sent back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.api import cursors, views
from services.api.backend import Back, Caller, Json, PathId, described, validated
from services.api.routes.cases import IfMatch, carry_out, etag
from services.api.routes.queue import Limit
from services.cases import queues, store
from services.cases.case import Case
from services.cases.orders import Decide

router = APIRouter(tags=["triage desk"])


@router.get("/v1/review", summary="A page of what waits for a decision, the most urgent first")
def list_review(
    back: Back, actor: Caller, cursor: str | None = None, limit: Limit = 50
) -> dict[str, Any]:
    actor.require("triage", "supervisor")
    after = cursors.decode(cursor)
    with back.database.transaction(actor.scope) as conn:
        page = queues.list_review(conn, after, limit)
    return {
        "items": [views.for_review(case, back.pack) for case in page],
        "next_cursor": _cursor(page[-1]) if len(page) == limit else None,
    }


def _cursor(last: Case) -> str:
    return cursors.encode(queues.Position(last.received_at, last.urgency, last.id))


@router.post(
    "/v1/review/{id}/decide",
    summary="Name the service and the owner",
    openapi_extra=described(Decide),
)
def decide(
    id: PathId,
    back: Back,
    actor: Caller,
    body: Json,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """A case in arbitration takes a supervisor; their word is binding."""
    actor.require("triage", "supervisor")
    order = validated(Decide, body)
    with back.database.transaction(actor.scope) as conn:
        state = store.find_case(conn, id).state
    action = "arbitrate" if state == "arbitration" else "decide"
    case = carry_out(back, actor, id, action, order, if_match)
    response.headers["ETag"] = etag(case.version)
    return views.for_staff(case, back.pack)
