"""Keys in Postgres."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from psycopg.rows import class_row

from services.database import Connection, named_queries

QUERIES = named_queries(Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class KeyRow:
    id: str
    secret_sha256: bytes
    role: str
    client: str
    agency_id: str | None
    departments: list[str] | None


@dataclass(frozen=True, slots=True)
class KeyListing:
    id: str
    role: str
    client: str
    agency_id: str | None
    departments: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def find_key(conn: Connection, key_id: str) -> KeyRow | None:
    """The key, if it is neither revoked nor expired."""
    with conn.cursor(row_factory=class_row(KeyRow)) as cursor:
        return cursor.execute(QUERIES["find_key"], {"id": key_id}).fetchone()


def insert_key(
    conn: Connection,
    *,
    id: str,
    secret_sha256: bytes,
    role: str,
    client: str,
    agency_id: str | None,
    departments: list[str] | None,
    expires_at: datetime | None,
) -> None:
    conn.execute(
        QUERIES["insert_key"],
        {
            "id": id,
            "secret_sha256": secret_sha256,
            "role": role,
            "client": client,
            "agency_id": agency_id,
            "departments": departments,
            "expires_at": expires_at,
        },
    )


def list_keys(conn: Connection) -> list[KeyListing]:
    with conn.cursor(row_factory=class_row(KeyListing)) as cursor:
        return cursor.execute(QUERIES["list_keys"]).fetchall()


def revoke_key(conn: Connection, key_id: str) -> bool:
    """True if there was such a key in use."""
    return conn.execute(QUERIES["revoke_key"], {"id": key_id}).rowcount == 1
