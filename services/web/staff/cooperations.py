"""`/staff/cooperations`: what other units ask of one's departments, and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.access.staff import display_names
from services.api import cursors
from services.api.backend import PathId
from services.api.routes import cooperations
from services.cases import asking, store
from services.cases.acting import visible
from services.cases.states import IllegalTransition
from services.database import Connection
from services.errors import InvalidField, NotFound
from services.web import forms
from services.web.staff.frame import Frame, Framed
from services.web.staff.queue import departments_of

router = APIRouter(prefix="/cooperations")

HERE: Final = "/staff/cooperations"
PAGE: Final = 30


@router.get("")
def show(frame: Framed, cursor: Annotated[str, Query(max_length=200)] = "") -> Response:
    return _page(frame, cursor)


@router.post("/{id}")
def answer(id: PathId, form: forms.Posted, frame: Framed) -> Response:
    """Keep the answer; the last one that is waited for brings the case back to its handler."""
    text = forms.text(form, "text")
    try:
        cooperations.answer(id, frame.back, frame.actor, {"text": text})
    except InvalidField:
        errors = {f"text-{id}": frame.say("staff.wrong.text")}
        return _page(frame, errors=errors, typed={id: text}, status=422)
    except IllegalTransition:
        return frame.to(HERE, "answered_before")
    return frame.to(HERE, "answered")


def _page(
    frame: Frame,
    cursor: str = "",
    *,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[UUID, str] | None = None,
    status: int = 200,
) -> Response:
    actor = frame.actor
    actor.require("staff", "supervisor")
    after = cursors.decode_id(cursor)
    with frame.back.database.transaction(actor.scope) as conn:
        page = asking.list_questions(conn, actor.agency_id, departments_of(frame), after, PAGE)
        seen = {one.case_id for one in page if _may_see(conn, frame, one.case_id)}
        names = display_names(conn, [one.asked_by for one in page])
    return frame.page(
        "staff/cooperations.html",
        status,
        questions=page,
        seen=seen,
        names=names,
        errors=errors or {},
        typed=typed or {},
        may_answer=actor.role in ("staff", "admin"),
        older=f"{HERE}?cursor={page[-1].id}" if len(page) == PAGE else "",
        newer=HERE if cursor else "",
    )


def _may_see(conn: Connection, frame: Frame, case_id: UUID) -> bool:
    """A question may be about another agency's case."""
    try:
        visible(store.find_case(conn, case_id), frame.actor)
    except NotFound:
        return False
    return True
