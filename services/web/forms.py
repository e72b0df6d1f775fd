"""What a browser posts, read with care: bounded, and texts normalised as everywhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import Depends
from starlette.datastructures import FormData
from starlette.requests import Request

from services.api.strict_json import BodyTooLarge
from services.intake import attachments
from services.intake.normalise import normalise
from services.intake.payload import MAX_UPLOADS

MAX_BYTES: Final = 1_000_000
MAX_FIELDS: Final = 60
MOST_BYTES: Final = MAX_BYTES + MAX_UPLOADS * attachments.MAX_BYTES
"""Of a form with files."""


async def read(request: Request) -> FormData:
    """The posted fields; raises `BodyTooLarge` for more than `MAX_BYTES`, or of unknown length."""
    return await _read(request, MAX_BYTES, files=0)


async def read_with_files(request: Request) -> AsyncIterator[FormData]:
    """The same with as many files as a case takes, each of the size that is taken."""
    form = await _read(request, MOST_BYTES, files=MAX_UPLOADS)
    try:
        yield form
    finally:
        await form.close()


async def _read(request: Request, limit: int, *, files: int) -> FormData:
    bounded(request, limit)
    return await request.form(max_files=files, max_fields=MAX_FIELDS)


def bounded(request: Request, limit: int) -> None:
    """Raises `BodyTooLarge` for a body of more than `limit` bytes, or of unknown length."""
    none = "" if "transfer-encoding" in request.headers else "0"  # RFC 9112, 6.3
    length = request.headers.get("content-length", none)
    if not (length.isascii() and length.isdecimal()) or int(length) > limit:
        raise BodyTooLarge


Posted = Annotated[FormData, Depends(read)]
PostedWithFiles = Annotated[FormData, Depends(read_with_files)]


def text(form: FormData, name: str) -> str:
    """A field's text, normalised; empty if it was not sent."""
    value = form.get(name, "")
    return normalise(value) if isinstance(value, str) else ""
