"""One statement files any number of complaints: replay key, interaction, case, contact, outbox."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from psycopg.rows import class_row

from services.database import AsyncConnection, Connection, named_queries
from services.errors import InvalidField
from services.intake.record import IntakeRecord

QUERIES = named_queries(Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered the first time a key was used."""

    client: str
    key: str
    body_sha256: bytes
    complaint_id: UUID
    receipt_number: str | None
    received_at: datetime


async def store_intakes(
    conn: AsyncConnection, records: Sequence[IntakeRecord], timezone: str
) -> dict[UUID, str | None]:
    """Receipt numbers of the complaints that are new; those whose key was used are left out."""
    rows = json.dumps([record.as_row() for record in records], ensure_ascii=False)
    cursor = await conn.execute(QUERIES["store_intakes"], {"rows": rows, "timezone": timezone})
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def find_replayed(
    conn: AsyncConnection, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], KeptAnswer]:
    """Kept answers by (client, key)."""
    async with conn.cursor(row_factory=class_row(KeptAnswer)) as cursor:
        await cursor.execute(
            QUERIES["find_replayed"],
            {"clients": [client for client, _ in keys], "keys": [key for _, key in keys]},
        )
        return {(row.client, row.key): row for row in await cursor.fetchall()}


def forget_intake_keys(conn: Connection) -> int:
    """Drop replay keys older than seven days."""
    return conn.execute(QUERIES["forget_intake_keys"]).rowcount


class UnknownUpload(InvalidField):
    """A file that this complaint names is not held here: it was never sent, or is used or old."""

    def __init__(self) -> None:
        super().__init__(UnknownUpload.__doc__, code="unknown_upload", pointer="/web/attachments")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits for its complaint."""

    id: UUID
    name: str
    media_type: str
    size: int
    """Bytes."""
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a case."""

    id: UUID
    case_id: UUID
    name: str
    media_type: str
    size: int
    """Bytes."""
    sha256: bytes
    created_at: datetime


def add_upload(
    conn: Connection, upload: Upload, client: str, most_files: int, most_bytes: int
) -> bool:
    """Store the row; False if `client` would hold more than so much without a complaint."""
    added = conn.execute(
        QUERIES["add_upload"],
        {
            "id": upload.id,
            "client": client,
            "name": upload.name,
            "media_type": upload.media_type,
            "size": upload.size,
            "sha256": upload.sha256,
            "most_files": most_files,
            "most_bytes": most_bytes,
        },
    )
    return added.rowcount == 1


def mark_stored(conn: Connection, id: UUID) -> None:
    conn.execute(QUERIES["mark_stored"], {"id": id})


async def find_held_uploads(conn: AsyncConnection, ids: Sequence[str]) -> set[tuple[str, str]]:
    """(client, id) of those that a complaint may name now."""
    cursor = await conn.execute(QUERIES["find_held_uploads"], {"ids": list(ids)})
    return {(row[0], str(row[1])) for row in await cursor.fetchall()}


def bind_uploads(
    conn: Connection, case_id: UUID, client: str, ids: Sequence[UUID], now: datetime
) -> int:
    """Give what `client` uploaded to a case; returns how many of `ids` there were."""
    parameters = {"case_id": case_id, "client": client, "ids": list(ids), "now": now}
    return conn.execute(QUERIES["bind_uploads"], parameters).rowcount


def take_stale_uploads(conn: Connection, limit: int) -> list[UUID]:
    rows = conn.execute(QUERIES["take_stale_uploads"], {"limit": limit}).fetchall()
    return [row[0] for row in rows]


def list_attachments(conn: Connection, case_id: UUID) -> list[Attachment]:
    with conn.cursor(row_factory=class_row(Attachment)) as cursor:
        return cursor.execute(QUERIES["list_attachments"], {"case_id": case_id}).fetchall()


def find_attachment(conn: Connection, id: UUID) -> Attachment | None:
    with conn.cursor(row_factory=class_row(Attachment)) as cursor:
        return cursor.execute(QUERIES["find_attachment"], {"id": id}).fetchone()


def find_contact(conn: Connection, case_id: UUID) -> tuple[bytes | None, str | None]:
    """The sealed fields, and how to reply, of a case that this transaction may see."""
    row = conn.execute(QUERIES["find_contact"], {"case_id": case_id}).fetchone()
    return (bytes(row[0]), row[1]) if row else (None, None)
