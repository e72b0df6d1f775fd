"""Who looks at a case, by a heartbeat that lives thirty seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from services.database import Connection, named_queries

QUERIES = named_queries(Path(__file__).parent)

LIFE_SECONDS: Final = 30.0
"""A page shows itself every ten seconds; one that is closed is gone after this."""


@dataclass(frozen=True, slots=True)
class Presence:
    name: str
    seen_at: datetime


def look_at(conn: Connection, case_id: UUID, who: str, name: str) -> list[Presence]:
    """Show that `who` looks at a case, and return the others who do."""
    parameters = {"case_id": case_id, "who": who, "name": name}
    conn.execute(QUERIES["show_presence"], parameters)
    with conn.cursor(row_factory=class_row(Presence)) as cursor:
        wanted = {"case_id": case_id, "who": who, "life_seconds": LIFE_SECONDS}
        return cursor.execute(QUERIES["list_presences"], wanted).fetchall()


def forget_presences(conn: Connection) -> None:
    conn.execute(QUERIES["forget_presences"])
