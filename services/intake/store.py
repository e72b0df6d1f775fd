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
