"""The caller's page `/v/{token}`: large buttons on a telephone, in step with what was tapped.

Every button is a form that is answered by a redirect, so the page needs no script; a script brings
the place of the telephone, and a live call's next screen as it comes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter
from sse_starlette.sse import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.api.backend import Backend, backend, now
from services.errors import TriageError
from services.intake import attachments
from services.visual.session import Tap
from services.web import forms, visual_call, visual_session
from services.web.forms import Posted, text
from services.web.pages import Pages, Rendered
from services.web.visual_parts import FAULTS, FIELDS, again

router = APIRouter(include_in_schema=False)


@router.get("/v/{token}")
async def show(
    request: Request, token: str, pages: Rendered, fault: str = "", at: str = ""
) -> Response:
    back = backend(request)
    fault = fault if fault in FAULTS else ""
    kept = await run_in_threadpool(visual_session.find, back, token)
    if kept is None:
        return await _show_call(request, back, token, pages, at, fault)
    if not kept.alive(now()):
        return pages.answer(request, "visual/expired.html", 410)
    if kept.session.screen == "filing":
        kept = await visual_session.file(back, kept)
    values = await run_in_threadpool(visual_session.values, back, kept, token, fault)
    language = kept.session.language
    return HTMLResponse(pages.render("visual/page.html", language, request=request, **values))


async def _show_call(
    request: Request, back: Backend, token: str, pages: Pages, at: str, fault: str
) -> Response:
    call = await visual_call.find(back, token)
    if call is None:
        return pages.answer(request, "visual/expired.html", 410)
    values = await visual_call.values(back, call, token, at, fault)
    language = values["reader"]
    return HTMLResponse(pages.render("visual/call.html", language, request=request, **values))


@router.post("/v/{token}")
async def tap(request: Request, token: str, posted: Posted) -> Response:
    """A tap. A stale one changes nothing and leads to the current screen."""
    back = backend(request)
    filled = {name: text(posted, name) for name in FIELDS}
    touched = Tap(text(posted, "node_id"), _number(text(posted, "rev")), filled)
    kept = await run_in_threadpool(visual_session.tap, back, token, touched)
    if kept is not None and kept.session.screen == "filing":
        await visual_session.file(back, kept)
    elif kept is None and (call := await visual_call.find(back, token)) is not None:
        await visual_call.tap(back, call, touched)
    return again(token)


@router.get("/v/{token}/events")
async def follow(token: str, request: Request) -> Response:
    """The revisions of a call's screen; EventSource stays away after 204."""
    back = backend(request)
    call = await back.calls.page(token)
    if call is None or call.ended_at is not None:
        return Response(status_code=204)
    return EventSourceResponse(visual_call.revisions(back, call))


@router.post("/v/{token}/photo")
async def photo(request: Request, token: str) -> Response:
    """One photograph, kept until the complaint names it."""
    back = backend(request)
    kept = await run_in_threadpool(visual_session.find, back, token)
    call = await visual_call.find(back, token) if kept is None else None
    waits = kept is not None and kept.alive(now()) and kept.session.screen == "photo"
    if not waits and (call is None or call.ended_at is not None):
        return again(token)
    forms.bounded(request, forms.MAX_BYTES + attachments.MAX_BYTES)
    async with request.form(max_files=1, max_fields=4) as form:
        try:
            id = await _accept(back, form, (kept or call).client)  # type: ignore[union-attr]
        except TriageError as error:
            if error.code not in FAULTS:
                raise
            return again(token, error.code)
        touched = Tap(visual_call.FORM, _number(str(form.get("rev", ""))))
    if id is not None and kept is not None:
        await run_in_threadpool(visual_session.add_photo, back, kept, str(id))
    elif id is not None and call is not None:
        await visual_call.tap(back, call, touched, (str(id),))
    return again(token)


async def _accept(back: Backend, form: FormData, client: str) -> UUID | None:
    """The id of the file that was sent, if there was one."""
    sent = form.get("photo")
    if sent is None or isinstance(sent, str) or not sent.filename:
        return None
    upload = await back.uploads.accept(_pieces(sent), sent.filename, client, uuid4())
    return upload.id


async def _pieces(sent: Any) -> AsyncIterator[bytes]:
    while piece := await sent.read(65_536):
        yield piece


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else -1
