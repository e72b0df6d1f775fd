"""Cases, their events and labels in Postgres: one function for each statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from services.cases.case import Case, Event, Step
from services.database import Connection, named_queries
from services.errors import NotFound, TriageError

QUERIES = named_queries(Path(__file__).parent)


class StaleVersion(TriageError):
    """The case changed since you read it; read it again."""

    code = "stale_version"
    status = 412


@dataclass(frozen=True, slots=True)
class Similar:
    id: UUID
    receipt_number: str
    state: str
    service: str | None
    text: str
    reply: str | None
    outcome: str | None
    resolved_at: datetime | None
    similarity: float


def find_case(conn: Connection, case_id: UUID) -> Case:
    """The case, if this transaction may see it; raises `NotFound`."""
    with conn.cursor(row_factory=class_row(Case)) as cursor:
        case = cursor.execute(QUERIES["find_case"], {"id": case_id}).fetchone()
    if case is None:
        raise NotFound
    return case


def lock_cases(conn: Connection, ids: Sequence[UUID]) -> list[Case]:
    """Those of the cases that this transaction may write, in the order of their ids, until its end.

    Whoever needs a case and those merged into it locks that one first.
    """
    with conn.cursor(row_factory=class_row(Case)) as cursor:
        return cursor.execute(QUERIES["lock_cases"], {"ids": list(ids)}).fetchall()


def lock_children(conn: Connection, case_id: UUID) -> list[Case]:
    with conn.cursor(row_factory=class_row(Case)) as cursor:
        return cursor.execute(QUERIES["lock_children"], {"id": case_id}).fetchall()


def find_case_by_receipt(conn: Connection, receipt_number: str) -> Case | None:
    with conn.cursor(row_factory=class_row(Case)) as cursor:
        parameters = {"receipt_number": receipt_number}
        return cursor.execute(QUERIES["find_case_by_receipt"], parameters).fetchone()


def find_silent_call(conn: Connection, call_id: UUID, client: str) -> datetime | None:
    """When a silent call, which has no case, was received."""
    parameters = {"id": call_id, "client": client}
    row = conn.execute(QUERIES["find_silent_call"], parameters).fetchone()
    return row[1] if row else None


def save_step(conn: Connection, before: Case, step: Step, actor: str, action: str) -> int:
    """Write a step with its event and labels; returns the new version.

    Raises `StaleVersion` if someone else wrote the case since `before` was read.
    """
    after = step.case
    row = conn.execute(QUERIES["save_case"], asdict(after)).fetchone()
    if row is None:
        raise StaleVersion
    conn.execute(
        QUERIES["add_event"],
        {
            "case_id": after.id,
            "at": after.updated_at,
            "actor": actor,
            "action": action,
            "from_state": before.state,
            "to_state": after.state,
            "data": Jsonb(dict(step.data)),
        },
    )
    if step.corrections:
        _add_corrections(conn, before, step, actor)
    return int(row[0])


def _add_corrections(conn: Connection, before: Case, step: Step, actor: str) -> None:
    conn.execute(
        QUERIES["add_corrections"],
        {
            "case_id": before.id,
            "at": step.case.updated_at,
            "actor": actor,
            "model_version": before.model_version,
            "fields": [item.field for item in step.corrections],
            "befores": [item.before for item in step.corrections],
            "afters": [item.after for item in step.corrections],
        },
    )


def list_events(conn: Connection, case_id: UUID) -> list[Event]:
    with conn.cursor(row_factory=class_row(Event)) as cursor:
        return cursor.execute(QUERIES["list_events"], {"case_id": case_id}).fetchall()


def list_segments(conn: Connection, interaction_id: UUID) -> list[dict[str, Any]] | None:
    """The turns of a voice transcript, by speaker and time; None if it came as a whole."""
    row = conn.execute(QUERIES["list_segments"], {"id": interaction_id}).fetchone()
    return row[0] if row else None


def list_children(conn: Connection, case_id: UUID) -> list[Case]:
    """Cases merged into this one."""
    with conn.cursor(row_factory=class_row(Case)) as cursor:
        return cursor.execute(QUERIES["list_children"], {"id": case_id}).fetchall()


def list_similar(
    conn: Connection, case_id: UUID, departments: list[str] | None, limit: int
) -> list[Similar]:
    """Resolved cases whose text lies nearest, by cosine of the embeddings."""
    parameters = {"id": case_id, "departments": departments, "limit": limit}
    with conn.cursor(row_factory=class_row(Similar)) as cursor:
        return cursor.execute(QUERIES["list_similar"], parameters).fetchall()


def database_time(conn: Connection) -> datetime:
    """The time at which this transaction began, by the clock that all processes share."""
    rows = conn.execute(QUERIES["database_time"]).fetchall()
    moment: datetime = rows[0][0]
    return moment


def list_waits_over(conn: Connection, limit: int) -> list[UUID]:
    """Cases that still wait though the time for it has passed."""
    rows = conn.execute(QUERIES["list_waits_over"], {"limit": limit}).fetchall()
    return [row[0] for row in rows]


def list_to_close(conn: Connection, undelivered_days: int, limit: int) -> list[UUID]:
    """Answered cases without anybody to tell, or without a delivered notice for too long."""
    parameters = {"undelivered_days": undelivered_days, "limit": limit}
    rows = conn.execute(QUERIES["list_to_close"], parameters).fetchall()
    return [row[0] for row in rows]
