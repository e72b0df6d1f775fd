"""Files of a case in the console: read them, add some."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from services.access.staff import CLIENT
from services.api.backend import PathId
from services.api.routes.attachments import download_headers, opened
from services.api.routes.cases import STAFF
from services.cases import store
from services.cases.acting import act as take_action
from services.cases.acting import visible
from services.cases.orders import Note
from services.cases.possible import possible
from services.cases.states import IllegalTransition
from services.intake import attachments
from services.web import forms
from services.web.citizen import files
from services.web.citizen.entry import Kept
from services.web.staff.case import Attempt, page
from services.web.staff.frame import Frame, Framed

router = APIRouter()


@router.get("/attachments/{id}")
def download(id: PathId, frame: Framed) -> Response:
    frame.actor.require(*STAFF)
    found, content = opened(frame.back, frame.actor, frame.visit.address, id)
    return StreamingResponse(content, headers=download_headers(found))


@router.post("/cases/{id}/files")
async def add_files(id: PathId, form: forms.PostedWithFiles, frame: Framed) -> Response:
    """Files of the staff's own, examined as a citizen's are; the history names them."""
    frame.actor.require(*STAFF)
    await run_in_threadpool(_may_add, frame, id)
    kept, refused = await files.keep(frame.back, form, (), CLIENT)
    if kept:
        await run_in_threadpool(_bind, frame, id, kept)
    if refused or not kept:
        sentence = frame.say(refused or "staff.wrong.files")
        attempt = Attempt("files", errors={"files": sentence}, status=422)
        return await run_in_threadpool(page, frame, id, attempt)
    return frame.to(f"/staff/cases/{id}", "files_added")


def _may_add(frame: Frame, id: UUID) -> None:
    """Raises `IllegalTransition` for a case that takes nothing any more."""
    with frame.back.database.transaction(frame.actor.scope) as conn:
        case = visible(store.find_case(conn, id), frame.actor)
    if "note" not in possible(case, frame.actor, frame.back.pack):
        raise IllegalTransition


def _bind(frame: Frame, id: UUID, kept: Sequence[Kept]) -> None:
    actor, at = frame.actor, frame.back.situation(frame.actor)
    note = Note(text=frame.say("staff.case.files_note", names=", ".join(one.name for one in kept)))
    with frame.back.database.transaction(actor.scope) as conn:
        take_action(conn, id, "note", note, at)
        attachments.bind(conn, id, CLIENT, [one.id for one in kept], at.now)
