"""Files sent with a form: kept at once, so that a later step need not send them again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final
from uuid import uuid4

from starlette.datastructures import FormData, UploadFile

from services.api.backend import Backend
from services.errors import InvalidField, TriageError
from services.intake.attachments import FileTooLarge, TooManyUploads
from services.intake.filetypes import MismatchedFile, UnsupportedFile
from services.intake.payload import MAX_UPLOADS
from services.intake.storage import StorageAway
from services.web.citizen.entry import Kept

PIECE: Final = 65_536
AWAY: Final = (TooManyUploads, StorageAway)
"""No fault of the file: what was typed must not be lost over it."""
REFUSED: Final = (FileTooLarge, UnsupportedFile, MismatchedFile, InvalidField, *AWAY)


async def keep(
    back: Backend, form: FormData, held: Sequence[Kept], client: str
) -> tuple[tuple[Kept, ...], str]:
    """The files held so far with those of this form, and the sentence on the first one refused."""
    kept, refused = list(held), ""
    for sent in form.getlist("files"):
        if not isinstance(sent, UploadFile) or not sent.filename:
            continue
        if len(kept) >= MAX_UPLOADS:
            return tuple(kept), refused or "citizen.fault.files_many"
        try:
            # wholly random, unlike our other ids: to know it is the right to bind it
            upload = await back.uploads.accept(_pieces(sent), sent.filename, client, uuid4())
            kept.append(Kept(upload.id, upload.name))
        except REFUSED as error:
            refused = refused or _sentence(error)
    return tuple(kept), refused


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(PIECE):
        yield piece


def _sentence(error: TriageError) -> str:
    if isinstance(error, FileTooLarge):
        return "citizen.fault.file_too_large"
    if isinstance(error, UnsupportedFile):
        return "citizen.fault.file_unsupported"
    if isinstance(error, MismatchedFile):
        return "citizen.fault.file_mismatch"
    if isinstance(error, AWAY):
        return "citizen.fault.files_away"
    return "citizen.fault.file_unreadable"
