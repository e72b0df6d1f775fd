"""Files: sent by a channel before the complaint that names them, read by staff of the case."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote, unquote
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from services.access import audit
from services.access.actor import Actor
from services.api import views
from services.api.backend import Address, Back, Backend, Caller, PathId, backend, bearer
from services.api.routes.cases import STAFF
from services.api.strict_json import UnsupportedMediaType
from services.cases import store as cases
from services.cases.acting import visible
from services.errors import InvalidField
from services.intake import attachments, store

router = APIRouter(tags=["attachments"])

Filename = Annotated[str | None, Query(max_length=1_000, description="With its ending.")]
FilenameHeader = Annotated[
    str | None, Header(alias="Filename", max_length=3_000, description="Percent-encoded.")
]
BINARY = {"schema": {"type": "string", "format": "binary"}}
BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}}


@router.post(
    "/v1/attachments", status_code=201, summary="Send a file beforehand", openapi_extra=BODY
)
async def upload(
    request: Request, filename: Filename = None, filename_header: FilenameHeader = None
) -> Response:
    """The body is the file, up to 10 MB. Name the `id` in `web.attachments` within a day."""
    back = backend(request)
    actor = await back.keys.find(bearer(request))
    actor.require("channel")
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise UnsupportedMediaType("Send the file itself as the body, not a form.")
    if int(request.headers.get("content-length") or 0) > attachments.MAX_BYTES:
        raise attachments.FileTooLarge
    name = filename or unquote(filename_header or "")
    if not name:
        raise InvalidField("Name the file: ?filename= or the header Filename.")
    # wholly random, unlike our other ids: to know it is the right to bind it
    kept = await back.uploads.accept(request.stream(), name, actor.client, uuid4())
    return JSONResponse(views.upload(kept), 201)


@router.get("/v1/cases/{id}/attachments", summary="The files of a case")
def list_attachments(id: PathId, back: Back, actor: Caller) -> dict[str, Any]:
    actor.require(*STAFF)
    with back.database.transaction(actor.scope) as conn:
        visible(cases.find_case(conn, id), actor)
        found = store.list_attachments(conn, id)
    return {"items": [views.attachment(item) for item in found], "next_cursor": None}


@router.get(
    "/v1/attachments/{id}",
    summary="A file, as it was sent",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/octet-stream": BINARY}}},
)
async def download(id: PathId, back: Back, actor: Caller, where: Address) -> Response:
    """Each download is logged."""
    actor.require(*STAFF)
    found, content = await asyncio.to_thread(opened, back, actor, where, id)
    return StreamingResponse(content, headers=download_headers(found))


def opened(
    back: Backend, actor: Actor, where: str, id: UUID
) -> tuple[store.Attachment, Iterator[bytes]]:
    """A file of a case that the caller may see, logged as read; `where` is the caller's address.

    Raises `NotFound` or `StorageAway`.
    """
    with back.database.transaction(actor.scope) as conn:
        found = attachments.find(conn, id)
        visible(cases.find_case(conn, found.case_id), actor)
        of = found.case_id
        audit.record(conn, actor, "read_attachment", address=where, case_id=of, attachment=str(id))
    return found, back.uploads.read(found)


def download_headers(found: store.Attachment) -> dict[str, str]:
    """A download that no browser opens in our name (RFC 6266; the name as in RFC 8187)."""
    return {
        "Content-Type": found.media_type,
        "Content-Length": str(found.size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
