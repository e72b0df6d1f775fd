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
from services.cases.search.store import index_cases
from services.database import Connection, named_queries
from services.errors import NotFound, TriageError

QUERIES = named_queries(Path(__file__).parent)


class StaleVersion(TriageError):
    """The case changed since you read it; read it again."""

    code = "stale_version"
    status = 412


@dataclass(frozen=True, slots=True)
class Untriaged:
    """What triage needs of a received complaint."""

    id: UUID
    channel: str
    title: str | None
    text: str
    lat: float | None
    lon: float | None
    address: str | None
    dong: str | None
    received_at: datetime
    occurred_at: datetime
    menu_version: str | None
    menu_path: list[str] | None


@dataclass(frozen=True, slots=True)
class Label:
    """A case as a person left it: the masked text and what it was about."""

    id: UUID
    title: str | None
    text: str
    channel: str
    service: str
    kind: str
    urgency: int
    district: str | None
    road_class: str | None


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What of the queue is asked for; None means all."""

    states: list[str]
    agency_id: str | None = None
    departments: list[str] | None = None
    service: str | None = None
    urgency: int | None = None
    overdue: bool = False
    words: str | None = None
    """A `tsquery`, as `services.cases.search.words.query` makes it."""
    assignee: str | None = None
    not_by: str | None = None
    """Leaves out what this person submitted."""


@dataclass(frozen=True, slots=True)
class Work:
    """Counts of open cases: a person's own, and those of their departments."""

    mine: int
    unclaimed: int
    late: int
    to_approve: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the sort keys of its last case. `at` is its due or receipt time."""

    at: datetime
    urgency: int
    id: UUID


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


def list_queue(
    conn: Connection, wanted: QueueFilter, after: Position | None, limit: int, now: datetime
) -> list[Case]:
    """A page of the queue by due time, then urgency; `after` is where the page before ended."""
    parameters = {
        **asdict(wanted),
        "now": now,
        "limit": limit,
        "after_id": after.id if after else None,
        "after_due": after.at if after else None,
        "after_urgency": after.urgency if after else None,
    }
    with conn.cursor(row_factory=class_row(Case)) as cursor:
        return cursor.execute(QUERIES["list_queue"], parameters).fetchall()


def count_work(conn: Connection, wanted: QueueFilter, by: str, now: datetime) -> Work:
    """What waits for `by` and their departments, of the filter's states, agency and departments."""
    with conn.cursor(row_factory=class_row(Work)) as cursor:
        parameters = {**asdict(wanted), "by": by, "now": now}
        return cursor.execute(QUERIES["count_work"], parameters).fetchall()[0]


def list_children(conn: Connection, case_id: UUID) -> list[Case]:
    """Cases merged into this one."""
    with conn.cursor(row_factory=class_row(Case)) as cursor:
        return cursor.execute(QUERIES["list_children"], {"id": case_id}).fetchall()


def claim_next(
    conn: Connection,
    agency_id: str,
    departments: list[str] | None,
    limit: int,
    actor: str,
    now: datetime,
) -> list[Case]:
    """Assign the next routed cases to `actor`, the most urgent first; nobody else gets them.

    Cases merged into them go along and are not returned.
    """
    parameters = {
        "agency_id": agency_id,
        "departments": departments,
        "limit": limit,
        "actor": actor,
        "now": now,
    }
    with conn.cursor(row_factory=class_row(Case)) as cursor:
        cases = cursor.execute(QUERIES["claim_next"], parameters).fetchall()
    if cases:  # in a statement of its own, that sees a merge which the first one waited for
        merged = {"parents": [case.id for case in cases], "actor": actor, "now": now}
        conn.execute(QUERIES["claim_merged"], merged)
    return cases


def list_review(conn: Connection, after: Position | None, limit: int) -> list[Case]:
    """A page of what waits for the triage desk, the most urgent first, then the oldest."""
    parameters = {
        "limit": limit,
        "after_id": after.id if after else None,
        "after_urgency": after.urgency if after else None,
        "after_received": after.at if after else None,
    }
    with conn.cursor(row_factory=class_row(Case)) as cursor:
        return cursor.execute(QUERIES["list_review"], parameters).fetchall()


def list_similar(
    conn: Connection, case_id: UUID, departments: list[str] | None, limit: int
) -> list[Similar]:
    """Resolved cases whose text lies nearest, by cosine of the embeddings."""
    parameters = {"id": case_id, "departments": departments, "limit": limit}
    with conn.cursor(row_factory=class_row(Similar)) as cursor:
        return cursor.execute(QUERIES["list_similar"], parameters).fetchall()


def load_untriaged(conn: Connection, ids: Sequence[UUID]) -> list[Untriaged]:
    with conn.cursor(row_factory=class_row(Untriaged)) as cursor:
        return cursor.execute(QUERIES["load_untriaged"], {"ids": list(ids)}).fetchall()


def write_triaged(conn: Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Write triage results with their events and vectors; returns how many were written."""
    if not rows:
        return 0
    written = conn.execute(QUERIES["write_triaged"], {"rows": Jsonb(list(rows))}).fetchall()
    index_cases(conn, [row[0] for row in written])
    return len(written)


def list_labels(conn: Connection, since: datetime) -> list[Label]:
    """What staff corrected or answered since: each line is one that the models may learn from."""
    with conn.cursor(row_factory=class_row(Label)) as cursor:
        return cursor.execute(QUERIES["list_labels"], {"since": since}).fetchall()


def list_orphans(conn: Connection, limit: int) -> list[UUID]:
    rows = conn.execute(QUERIES["list_orphans"], {"limit": limit}).fetchall()
    return [row[0] for row in rows]


def requeue_orphans(conn: Connection, ids: Sequence[UUID]) -> None:
    conn.execute(QUERIES["requeue_orphans"], {"ids": list(ids)})


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
