"""An agency's feed of changes, in an order that skips nothing however commits interleave.

Readers go by (txid, id) and see only transactions below the oldest one still running, so that no
row can appear before a cursor that was handed out. After a dump and restore into another server
transaction numbers start anew: read the feed from its beginning then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from services.database import Connection
from services.errors import InvalidField
from services.notices.store import QUERIES

_CURSOR = re.compile(r"(\d{1,19})\.(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Change:
    """An event of a case; `held` is false for the one by which it left the agency."""

    id: int
    txid: str
    event_id: int
    case_id: UUID
    agency_id: str
    held: bool
    at: datetime
    action: str
    from_state: str | None
    to_state: str

    @property
    def cursor(self) -> str:
        return f"{self.txid}.{self.id}"


def list_changes(
    conn: Connection,
    after: str | None,
    limit: int,
    agency_id: str | None,
    departments: list[str] | None,
) -> list[Change]:
    """A page of changes after the cursor `after`, oldest first; raises `InvalidField`."""
    match = _CURSOR.fullmatch(after or "0.0")
    if match is None:
        raise InvalidField("There is no such cursor.", code="invalid_cursor")
    parameters = {
        "after_txid": match[1],
        "after_id": int(match[2]),
        "limit": limit,
        "agency_id": agency_id,
        "departments": departments,
    }
    with conn.cursor(row_factory=class_row(Change)) as cursor:
        return cursor.execute(QUERIES["list_changes"], parameters).fetchall()
