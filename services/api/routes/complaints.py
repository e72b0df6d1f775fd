"""Intake: complaints of every channel, one by one or in batches."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.access.actor import Actor
from services.api import filing, problems, views
from services.api.backend import (
    Back,
    Backend,
    Caller,
    PathId,
    backend,
    bearer,
    described,
    read_json,
)
from services.cases import store
from services.database import Scope
from services.errors import InvalidField, TriageError, Unavailable
from services.intake.desk import Outcome, Receipt
from services.intake.payload import ComplaintIn
from services.intake.record import IntakeRecord

router = APIRouter(tags=["intake"])

MAX_BATCH = 500
MAX_KEY_CHARACTERS = 255
LARGE = 10_000
"""Bytes of a body from which it is masked beside the event loop, so that others need not wait."""
KeyHeader = Annotated[str | None, Header(alias="Idempotency-Key", description="Required.")]


class InvalidIdempotencyKey(TriageError):
    """Send an Idempotency-Key header of 1 to 255 printable ASCII characters."""

    code = "idempotency_key_invalid"
    status = 400


class MissingIdempotencyKey(TriageError):
    """An Idempotency-Key header is required, so that a repeated request files nothing twice."""

    code = "idempotency_key_missing"
    status = 400


class Batch(BaseModel):
    """Each item is judged by itself: one that is refused does not hold up the others."""

    items: Annotated[list[ComplaintIn], Field(min_length=1, max_length=MAX_BATCH)]


@router.post(
    "/v1/complaints",
    status_code=202,
    summary="File a complaint",
    openapi_extra=described(ComplaintIn),
)
async def file_complaint(request: Request, idempotency_key: KeyHeader = None) -> Response:
    back, actor = await _channel(request)
    key = _checked_key(idempotency_key)
    body = await read_json(request)
    if int(request.headers.get("content-length", LARGE)) < LARGE:
        record = filing.record(back, actor.client, key, body)
    else:
        record = await run_in_threadpool(filing.record, back, actor.client, key, body)
    return _answer(await back.intake.file(record), back)


async def _file_directly(request: Request) -> Response:
    return await file_complaint(request, request.headers.get("idempotency-key"))


DIRECT = Route("/v1/complaints", _file_directly, methods=["POST"])
"""`file_complaint` as it is served, past the steps of FastAPI's, which describes it: they took a
third of the time that a process spends on a complaint.
"""


@router.post(
    "/v1/complaints:batch", summary="File up to 500 complaints", openapi_extra=described(Batch)
)
async def file_batch(request: Request, idempotency_key: KeyHeader = None) -> Response:
    """Each item gets its own answer. Sent again with the same key, what was filed is not filed
    twice; if the database could not take all of it the answer is 503, to be sent again.
    """
    back, actor = await _channel(request)
    key = _checked_key(idempotency_key)
    items = _items(await read_json(request))
    tried = await run_in_threadpool(_try_records, back, actor, key, items)
    filed = iter(await back.intake.file_all([r for r in tried if isinstance(r, IntakeRecord)]))
    outcomes = [next(filed) if isinstance(r, IntakeRecord) else r for r in tried]
    for outcome in outcomes:
        if isinstance(outcome, Unavailable):
            raise outcome
    items = [_item(n, outcome, back) for n, outcome in enumerate(outcomes)]
    receipts = [outcome for outcome in outcomes if isinstance(outcome, Receipt)]
    return JSONResponse({"items": items}, 200, _replayed(receipts))


@router.get("/v1/complaints/{id}", summary="Where a complaint stands")
def show_complaint(id: PathId, back: Back, actor: Caller) -> dict[str, Any]:
    actor.require("channel")
    scope = Scope("channel", client=actor.client)
    with back.database.transaction(scope) as conn:
        silent_since = store.find_silent_call(conn, id, actor.client)
        if silent_since is not None:
            return {"id": str(id), "status": "no_speech", "received_at": silent_since}
        return views.for_channel(store.find_case(conn, id), back.pack)


async def _channel(request: Request) -> tuple[Backend, Actor]:
    back = backend(request)
    actor = await back.keys.find(bearer(request))
    back.rates.take(actor)
    actor.require("channel")
    return back, actor


def _checked_key(key: str | None) -> str:
    if not key:
        raise MissingIdempotencyKey
    if len(key) > MAX_KEY_CHARACTERS or not key.isascii() or not key.isprintable():
        raise InvalidIdempotencyKey
    return key


def _try_records(
    back: Backend, actor: Actor, key: str, items: list[Any]
) -> list[IntakeRecord | TriageError]:
    return [_try_record(back, actor, f"{key}\n{n}", item) for n, item in enumerate(items)]


def _try_record(back: Backend, actor: Actor, key: str, body: Any) -> IntakeRecord | TriageError:
    try:
        return filing.record(back, actor.client, key, body)
    except TriageError as error:
        return error


def _items(body: Any) -> list[Any]:
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_BATCH:
        raise InvalidField(f"items is a list of 1 to {MAX_BATCH} complaints.", pointer="/items")
    return items


def _answer(outcome: Outcome, back: Backend) -> Response:
    if not isinstance(outcome, Receipt):
        return problems.answer(outcome)
    return JSONResponse(_receipt(outcome, back), 202, _replayed([outcome]))


def _replayed(receipts: list[Receipt]) -> dict[str, str]:
    """The header that marks an answer given before: there is a receipt and none is new."""
    old = receipts and all(receipt.replayed for receipt in receipts)
    return {"Idempotency-Replayed": "true"} if old else {}


def _item(index: int, outcome: Outcome, back: Backend) -> dict[str, Any]:
    if isinstance(outcome, Receipt):
        return {"index": index, "http_status": 202, **_receipt(outcome, back)}
    return {"index": index, "http_status": outcome.status, "problem": problems.problem(outcome)}


def _receipt(receipt: Receipt, back: Backend) -> dict[str, Any]:
    id: UUID = receipt.complaint_id
    number = receipt.receipt_number
    links = {"self": f"/v1/complaints/{id}"}
    return {
        "id": str(id),
        "receipt_number": number,
        "status": "received" if number else "no_speech",
        "received_at": receipt.received_at.isoformat(),
        "lookup_code": back.sealer.lookup_code(id) if number else None,
        "links": {**links, "track": f"/v1/track/{number}"} if number else links,
    }
