"""Files sent along with a complaint: taken in as a stream, examined, kept, bound to the case.

A file is kept byte for byte as it was sent, its place and time of taking too: it may be evidence.
It is shown only to those who may see the case, and only as a download.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final, cast
from uuid import UUID

from services.database import Connection, Database
from services.errors import InvalidField, NotFound, TriageError
from services.intake import store
from services.intake.filetypes import clean_name, media_type
from services.intake.masking import mask
from services.intake.payload import MAX_UPLOADS
from services.intake.storage import Storage, StorageAway

MAX_BYTES: Final = 10_000_000
"""A photograph of a telephone has 3 to 8 MB; a scanned letter of ten pages about as much."""
MAX_HELD: Final = 1_000
MAX_HELD_BYTES: Final = 2_000_000_000
"""What one client may send within a day without naming it in a complaint."""
_IN_MEMORY: Final = 1_000_000
SWEPT_AT_ONCE: Final = 10
"""So few that a slow store does not outlast the transaction (`idle_in_transaction`, 10 s)."""


class FileTooLarge(TriageError):
    """A file may have at most 10 MB."""

    code = "file_too_large"
    status = 413


class TooManyUploads(TriageError):
    """Too many files wait for the complaints that name them; file those first."""

    code = "too_many_uploads"
    status = 429
    retry_after = 600


@dataclass(frozen=True, slots=True)
class Received:
    """A file on this machine, open at its start; closing it removes it."""

    file: BinaryIO
    size: int
    sha256: bytes


async def receive(stream: AsyncIterator[bytes]) -> Received:
    """Take in a stream, counted as it comes; raises `FileTooLarge`, `InvalidField` for nothing."""
    file = cast(BinaryIO, tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115
    try:
        digest, size = hashlib.sha256(), 0
        async for piece in stream:
            size += len(piece)
            if size > MAX_BYTES:
                raise FileTooLarge
            digest.update(piece)
            file.write(piece)
        if not size:
            raise InvalidField("The file is empty.", code="empty_file")
    except OSError as error:
        file.close()
        raise StorageAway from error
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return Received(file, size, digest.digest())


@dataclass(frozen=True, slots=True)
class Uploads:
    """Takes files in for a channel. The row comes before the object, so no object is unknown."""

    database: Database
    storage: Storage

    async def accept(
        self, stream: AsyncIterator[bytes], name: str, client: str, new_id: UUID
    ) -> store.Upload:
        """Keep a file until a complaint of `client` names its id.

        Raises `TooManyUploads`, `FileTooLarge`, `UnsupportedFile`, `MismatchedFile`,
        `InvalidField`, `Unavailable`.
        """
        received = await receive(stream)
        with received.file:
            return await asyncio.to_thread(self._keep, received, name, client, new_id)

    def _keep(self, received: Received, name: str, client: str, id: UUID) -> store.Upload:
        name = clean_name(name)
        upload = store.Upload(
            id=id,
            name=mask(name).text,
            media_type=media_type(name, received.file),
            size=received.size,
            sha256=received.sha256,
        )
        with self.database.transaction() as conn:
            if not store.add_upload(conn, upload, client, MAX_HELD, MAX_HELD_BYTES):
                raise TooManyUploads
        self.storage.put(key_of(id), received.file)
        with self.database.transaction() as conn:
            store.mark_stored(conn, id)
        return upload

    def read(self, attachment: store.Attachment) -> Iterator[bytes]:
        """The content; raises `NotFound` if the store lost it, `StorageAway` if it is away."""
        try:
            return self.storage.get(key_of(attachment.id))
        except FileNotFoundError:
            raise NotFound from None


def key_of(id: UUID) -> str:
    """The object's name: nothing in it comes from the sender."""
    return f"{id.hex[:2]}/{id.hex}"


def find(conn: Connection, id: UUID) -> store.Attachment:
    """An attachment of a case that the caller may see; raises `NotFound`."""
    found = store.find_attachment(conn, id)
    if found is None:
        raise NotFound
    return found


def bind(conn: Connection, case_id: UUID, client: str, ids: list[UUID], now: datetime) -> None:
    """Give uploads to a case that is already filed, as with a citizen's later answer.

    Raises `UnknownUpload` when one is not held for `client`, `InvalidField` for too many.
    """
    if len(store.list_attachments(conn, case_id)) + len(ids) > MAX_UPLOADS:
        raise InvalidField(f"A case takes at most {MAX_UPLOADS} files.", pointer="/attachments")
    if store.bind_uploads(conn, case_id, client, ids, now) != len(set(ids)):
        raise store.UnknownUpload


def sweep(database: Database, storage: Storage) -> int:
    """Remove all uploads that no complaint named within a day; returns how many.

    The objects go before the rows: after a crash the next sweep finds the rows again.
    """
    removed = 0
    while True:
        with database.transaction() as conn:
            ids = store.take_stale_uploads(conn, SWEPT_AT_ONCE)
            for id in ids:
                storage.delete(key_of(id))
        removed += len(ids)
        if len(ids) < SWEPT_AT_ONCE:
            return removed
