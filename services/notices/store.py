"""Notices and their attempts in Postgres. Every time here is the database's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from services.database import Connection, named_queries
from services.notices.notice import LEASE_SECONDS, MAX_ATTEMPTS, Happening, Letter, Planned, Sent
from services.notices.plan import Endpoint

QUERIES = named_queries(Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice as staff may see it: no address, no text."""

    id: UUID
    event_id: int | None
    case_id: UUID | None
    receipt_number: str | None
    agency_id: str | None
    audience: str
    channel: str
    recipient: str
    template: str
    state: str
    attempts: int
    run_at: datetime
    last_error: str | None
    created_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticeFilter:
    """What is asked for; None means all."""

    states: list[str] | None = None
    audience: str | None = None
    case_id: UUID | None = None
    departments: list[str] | None = None
    id: UUID | None = None


def take_events(conn: Connection, case_ids: Sequence[UUID]) -> list[Happening]:
    """Mark the events of these cases that nobody handled yet as handled, and return them."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(QUERIES["take_events"], {"ids": list(case_ids)}).fetchall()
    return [
        Happening(**{**row, "agencies": tuple((id, held) for id, held in row["agencies"])})
        for row in rows
    ]


def list_listeners(conn: Connection, agencies: set[str]) -> list[Endpoint]:
    if not agencies:
        return []
    with conn.cursor(row_factory=class_row(Endpoint)) as cursor:
        parameters = {"agencies": sorted(agencies)}
        return cursor.execute(QUERIES["list_listeners"], parameters).fetchall()


def add_notices(conn: Connection, planned: Sequence[tuple[UUID, Planned]]) -> None:
    """Write down what was planned, each under its new id; calls also show in the case's history."""
    if not planned:
        return
    rows = [
        {**asdict(notice), "id": str(id), "case_id": notice.case_id and str(notice.case_id)}
        for id, notice in planned
    ]
    conn.execute(QUERIES["add_notices"], {"rows": Jsonb(rows)})
    calls = [id for id, notice in planned if notice.state == "task"]
    if calls:
        conn.execute(QUERIES["add_calls"], {"ids": calls})


def claim_notices(conn: Connection, limit: int) -> list[Letter]:
    """Claim up to `limit` notices that are due, the longest waiting first."""
    parameters = {"limit": limit, "max_attempts": MAX_ATTEMPTS, "lease_seconds": LEASE_SECONDS}
    with conn.cursor(row_factory=class_row(Letter)) as cursor:
        return cursor.execute(QUERIES["claim_notices"], parameters).fetchall()


def settle_notice(
    conn: Connection, letter: Letter, sent: Sent, delay_seconds: float, duration_ms: int
) -> bool:
    """Log an attempt and note how it ended; False if the notice is someone else's by now."""
    parameters = {
        "id": letter.id,
        "fence": letter.fence,
        "state": sent.state,
        "error": sent.error,
        "delay_seconds": delay_seconds,
        "attempt": letter.attempts,
        "outcome": sent.state,
        "status": sent.status,
        "duration_ms": duration_ms,
    }
    conn.execute(QUERIES["add_attempt"], parameters)
    return conn.execute(QUERIES["settle_notice"], parameters).rowcount == 1


def note_endpoint_works(conn: Connection, endpoint_id: str) -> None:
    conn.execute(QUERIES["note_endpoint_works"], {"id": endpoint_id})


def note_endpoint_fails(
    conn: Connection, endpoint_id: str, patience_seconds: float, *, gone: bool
) -> str | None:
    """Note a failure; returns the endpoint's state, `failed` once it failed for too long."""
    parameters = {"id": endpoint_id, "patience_seconds": patience_seconds, "gone": gone}
    row = conn.execute(QUERIES["note_endpoint_fails"], parameters).fetchone()
    return row[0] if row else None


def bury_notices(conn: Connection) -> int:
    """Mark notices whose last attempt ended with its worker as dead; returns how many."""
    return conn.execute(QUERIES["bury_notices"], {"max_attempts": MAX_ATTEMPTS}).rowcount


def oldest_due_seconds(conn: Connection) -> float:
    """How long the longest waiting notice that nobody holds has been due; 0 for none."""
    row = conn.execute(QUERIES["count_due_notices"]).fetchone()
    return float(row[1]) if row else 0.0


def list_closable(conn: Connection, limit: int) -> list[UUID]:
    """Resolved cases whose result was delivered, though nobody came to close them."""
    return [row[0] for row in conn.execute(QUERIES["list_closable"], {"limit": limit}).fetchall()]


def list_notices(
    conn: Connection, wanted: NoticeFilter, before: UUID | None, limit: int
) -> list[NoticeRow]:
    """A page of notices, the newest first."""
    parameters: dict[str, Any] = {**asdict(wanted), "before": before, "limit": limit}
    with conn.cursor(row_factory=class_row(NoticeRow)) as cursor:
        return cursor.execute(QUERIES["list_notices"], parameters).fetchall()


def retry_notice(conn: Connection, id: UUID) -> bool:
    """Let a notice be sent again, under the same id; False if it cannot be."""
    return conn.execute(QUERIES["retry_notice"], {"id": id}).rowcount == 1


def finish_call(conn: Connection, id: UUID) -> bool:
    """Note that the citizen was told on the telephone; False if that was no open task."""
    return conn.execute(QUERIES["finish_call"], {"id": id}).rowcount == 1


def gauge_notices(conn: Connection) -> list[tuple[str, int, float]]:
    """(state, count, age of the oldest in seconds); `retrying` are waiting ones tried before."""
    return conn.execute(QUERIES["gauge_notices"]).fetchall()
