"""Sessions of the caller's page in Postgres: one function for each statement."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from psycopg.sql import SQL
from psycopg.types.json import Jsonb

from services.database import Connection, Scope, named_queries
from services.intake.sealing import Sealer
from services.visual.session import Session

QUERIES = named_queries(Path(__file__).parent)
PAGE = Scope("visual")
"""What the page may see, which found its session by the caller's link."""
LIFETIME = timedelta(minutes=30)
"""How long a link lives after its last use."""


@dataclass(frozen=True, slots=True)
class Row:
    id: UUID
    client: str
    menu_version: str
    rev: int
    state: Mapping[str, Any]
    words: bytes | None
    created_at: datetime
    expires_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A session as it is stored, and whose it is."""

    id: UUID
    client: str
    menu_version: str
    created_at: datetime
    expires_at: datetime
    session: Session

    def alive(self, now: datetime) -> bool:
        return now < self.expires_at


@dataclass(frozen=True, slots=True)
class SessionStore:
    """Reads and writes sessions; the caller's own words are sealed with the service's key."""

    sealer: Sealer

    def add(
        self,
        conn: Connection,
        id: UUID,
        session: Session,
        *,
        client: str,
        menu_version: str,
        now: datetime,
    ) -> Kept:
        parameters = {
            "id": id,
            "token_sha256": fingerprint(self.sealer.link_token(id)),
            "client": client,
            "menu_version": menu_version,
            "rev": session.rev,
            "state": Jsonb(session.as_json()),
            "now": now,
            "expires_at": now + LIFETIME,
        }
        added = self._one(conn, QUERIES["add_visual_session"], parameters)
        if added is None:
            raise LookupError("a new session was not stored")
        return added

    def token(self, kept: Kept) -> str:
        """The caller's link, which is stored nowhere."""
        return self.sealer.link_token(kept.id)

    def find(self, conn: Connection, token: str) -> Kept | None:
        """The session that a link leads to, whether its time is up or not."""
        return self._one(conn, QUERIES["find_visual_session"], {"token_sha256": fingerprint(token)})

    def save(self, conn: Connection, before: Kept, after: Session, now: datetime) -> Kept | None:
        """Write the next state; None if someone else wrote since `before` was read."""
        own = after.own_words()
        parameters = {
            "id": before.id,
            "before": before.session.rev,
            "rev": after.rev,
            "state": Jsonb(after.as_json()),
            "words": self.sealer.seal(own) if own else None,
            "expires_at": now + LIFETIME,
        }
        return self._one(conn, QUERIES["save_visual_session"], parameters)

    def lock_expired(self, conn: Connection, limit: int) -> list[Kept]:
        """Sessions whose time is up and that nobody has closed, locked for this transaction."""
        with conn.cursor(row_factory=class_row(Row)) as cursor:
            rows = cursor.execute(QUERIES["lock_expired_visual_sessions"], {"limit": limit})
            return [self._kept(row) for row in rows.fetchall()]

    def _one(self, conn: Connection, statement: SQL, values: Mapping[str, Any]) -> Kept | None:
        with conn.cursor(row_factory=class_row(Row)) as cursor:
            row = cursor.execute(statement, values).fetchone()
        return self._kept(row) if row else None

    def _kept(self, row: Row) -> Kept:
        own = self.sealer.unseal(row.words) if row.words else {}
        return Kept(
            id=row.id,
            client=row.client,
            menu_version=row.menu_version,
            created_at=row.created_at,
            expires_at=row.expires_at,
            session=Session.from_json(row.state, row.rev, own),
        )


def close(conn: Connection, id: UUID, session: Session) -> None:
    """Close a session and drop the caller's own words."""
    parameters = {"id": id, "state": Jsonb(session.as_json())}
    conn.execute(QUERIES["close_visual_session"], parameters)


def forget_old(conn: Connection) -> int:
    """Drop sessions that were closed a week ago."""
    return conn.execute(QUERIES["forget_visual_sessions"]).rowcount


def fingerprint(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def gauge_sessions(conn: Connection) -> list[tuple[str, int, float]]:
    """Sessions not closed, (open or expired, how many, seconds since the oldest began)."""
    rows = conn.execute(QUERIES["gauge_visual_sessions"]).fetchall()
    found = {row[0]: (row[1], row[2]) for row in rows}
    return [(state, *found.get(state, (0, 0.0))) for state in ("open", "expired")]
