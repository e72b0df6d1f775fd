"""Questions of other units about their cases (협조요청): the asked unit's list, and its answers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from services.access.actor import Actor
from services.api import cursors
from services.api.backend import Back, Caller, Json, PathId, described, validated
from services.api.routes.queue import Limit
from services.cases import asking, cooperation
from services.cases.orders import Note
from services.city import CityPack
from services.database import CITY
from services.errors import NotFound

router = APIRouter(tags=["staff"])


@router.get("/v1/cooperations", summary="Open questions to the caller's departments")
def list_cooperations(
    back: Back, actor: Caller, cursor: str | None = None, limit: Limit = 50
) -> dict[str, Any]:
    actor.require("staff", "supervisor")
    departments = list(actor.departments) if actor.departments else None
    after = cursors.decode_id(cursor)
    with back.database.transaction(actor.scope) as conn:
        page = asking.list_questions(conn, actor.agency_id, departments, after, limit)
    return {
        "items": [shown(item, back.pack) for item in page],
        "next_cursor": str(page[-1].id) if len(page) == limit else None,
    }


@router.post(
    "/v1/cooperations/{id}/answer", summary="Answer a question", openapi_extra=described(Note)
)
def answer(id: PathId, back: Back, actor: Caller, body: Json) -> dict[str, Any]:
    """The last answer that is waited for brings the case back to its handler."""
    actor.require("staff")
    order = validated(Note, body)
    with back.database.transaction(actor.scope) as conn:
        asked = _mine(asking.find_question(conn, id), actor)
    with back.database.transaction(CITY) as conn:  # the case may be another agency's
        cooperation.answer(conn, asked.id, order, back.situation(actor))
        return shown(asking.find_question(conn, id), back.pack)


def _mine(asked: asking.Cooperation, actor: Actor) -> asking.Cooperation:
    """The question, if the caller answers for the department that it goes to."""
    if actor.agency_id not in (None, asked.agency_id):
        raise NotFound
    if actor.departments and asked.department not in actor.departments:
        raise NotFound
    return asked


def shown(item: asking.Cooperation, pack: CityPack) -> dict[str, Any]:
    agency = pack.agencies.get(item.agency_id)
    return {
        "id": str(item.id),
        "case_id": str(item.case_id),
        "receipt_number": item.receipt_number,
        "agency": agency.name if agency else None,
        "department": item.department,
        "text": item.text,
        "asked_by": item.asked_by,
        "asked_at": item.asked_at,
        "due_at": item.due_at,
        "answer": item.answer,
        "answered_by": item.answered_by,
        "answered_at": item.answered_at,
    }
