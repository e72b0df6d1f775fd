"""Notices: what waits, what was given up, and an agency's feed of changes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.access.actor import Actor
from services.api.backend import Back, Caller, Json, PathId, described, validated
from services.cases.orders import Nothing
from services.cases.sweeping import close_delivered
from services.database import Connection
from services.errors import InvalidField, NotFound, TriageError
from services.notices import store
from services.notices.changes import Change
from services.notices.changes import list_changes as page_of_changes
from services.notices.notice import RESULT, State

router = APIRouter(tags=["notices"])

Limit = Annotated[int, Query(ge=1, le=200)]
DESKS = ("staff", "triage", "supervisor")


def _bare(body: Json) -> None:
    validated(Nothing, body)


Bare = Annotated[None, Depends(_bare)]
"""A body without a word: none at all, or an empty object."""


class NotRetryable(TriageError):
    """Only a notice that failed, or waits to be tried again, can be sent again."""

    code = "not_retryable"
    status = 409


class NotACall(TriageError):
    """Only a call that a person still has to make can be noted as made."""

    code = "not_a_call"
    status = 409


@router.get("/v1/notices", summary="Notices, the newest first; without addresses or texts")
def list_notices(
    back: Back,
    actor: Caller,
    state: str | None = None,
    audience: str | None = None,
    case_id: UUID | None = None,
    cursor: UUID | None = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """`state`: waiting, delivered, task (a person calls), unsent, dead; several with commas."""
    actor.require(*DESKS)
    states = state.split(",") if state else None
    if states and not set(states) <= set(get_args(State)):
        raise InvalidField("There is no such state of a notice.")
    wanted = store.NoticeFilter(states, audience, case_id, _departments(actor))
    with back.database.transaction(actor.scope) as conn:
        page = store.list_notices(conn, wanted, cursor, limit)
    return {
        "items": [asdict(row) for row in page],
        "next_cursor": str(page[-1].id) if len(page) == limit else None,
    }


@router.post(
    "/v1/notices/{id}/retry",
    summary="Send a notice again, under the same id",
    openapi_extra=described(Nothing),
)
def retry(id: PathId, back: Back, actor: Caller, _: Bare) -> dict[str, Any]:
    actor.require(*DESKS)
    with back.database.transaction(actor.scope) as conn:
        _visible(conn, id, actor)
        if not store.retry_notice(conn, id):
            raise NotRetryable
        return asdict(_visible(conn, id, actor))


@router.post(
    "/v1/notices/{id}/done",
    summary="The citizen was told on the telephone",
    openapi_extra=described(Nothing),
)
def done(id: PathId, back: Back, actor: Caller, _: Bare) -> dict[str, Any]:
    """A result that was told closes its case."""
    actor.require(*DESKS)
    with back.database.transaction(actor.scope) as conn:
        notice = _visible(conn, id, actor)
        if not store.finish_call(conn, id):
            raise NotACall
        if notice.template == RESULT and notice.case_id is not None:
            close_delivered(conn, notice.case_id, back.situation(actor))
        return asdict(_visible(conn, id, actor))


@router.get("/v1/changes", summary="What happened to the agency's cases, to be followed by cursor")
def list_changes(
    back: Back, actor: Caller, after: str | None = None, limit: Limit = 100
) -> dict[str, Any]:
    """Oldest first, each once, in an order that skips nothing. `next_cursor` is `after` for the
    next request, also when the page is empty; `more` says whether to ask again at once.
    """
    actor.require(*DESKS)
    with back.database.transaction(actor.scope) as conn:
        page = page_of_changes(conn, after, limit, actor.agency_id, _departments(actor))
    return {
        "items": [_change(change) for change in page],
        "next_cursor": page[-1].cursor if page else after,
        "more": len(page) == limit,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "cursor": change.cursor,
        "event_id": change.event_id,
        "case_id": change.case_id,
        "agency_id": change.agency_id,
        "at": change.at,
        "action": change.action,
        "from_state": change.from_state,
        "to_state": change.to_state,
        "left": not change.held,
        "links": {"case": f"/v1/cases/{change.case_id}"} if change.held else {},
    }


def _departments(actor: Actor) -> list[str] | None:
    return list(actor.departments) if actor.departments else None


def _visible(conn: Connection, id: UUID, actor: Actor) -> store.NoticeRow:
    """The notice, unless it lies beyond the caller's walls or departments."""
    wanted = store.NoticeFilter(departments=_departments(actor), id=id)
    found = store.list_notices(conn, wanted, None, 1)
    if not found:
        raise NotFound
    return found[0]
