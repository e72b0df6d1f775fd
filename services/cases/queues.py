"""What waits for whom: queues, claims and the review desk, one function for each statement."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from services.cases.case import Case
from services.cases.store import QUERIES
from services.database import Connection


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the sort keys of its last case. `at` is its due or receipt time."""

    at: datetime
    urgency: int
    id: UUID


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
