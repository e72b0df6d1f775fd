"""What a browser posts, read with care: bounded, and texts normalised as everywhere else."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends
from starlette.datastructures import FormData
from starlette.requests import Request

from services.api.strict_json import BodyTooLarge
from services.intake.normalise import normalise

MAX_BYTES: Final = 1_000_000
MAX_FIELDS: Final = 60


async def read(request: Request) -> FormData:
    """The posted fields; raises `BodyTooLarge` for more than `MAX_BYTES`, or of unknown length."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MAX_BYTES:
        raise BodyTooLarge
    return await request.form(max_files=0, max_fields=MAX_FIELDS)


Posted = Annotated[FormData, Depends(read)]


def text(form: FormData, name: str) -> str:
    """A field's text, normalised; empty if it was not sent."""
    value = form.get(name, "")
    return normalise(value) if isinstance(value, str) else ""
