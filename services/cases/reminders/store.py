"""Reminders and overdue lists in Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from services.cases.queues import Position
from services.cases.reminders.rules import Deadline, Reminder
from services.database import Connection, named_queries

QUERIES = named_queries(Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class Late:
    """A case on a month's list, as it stood when the month ended."""

    case_id: UUID
    receipt_number: str
    agency_id: str | None
    department: str | None
    state: str
    due_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class UnitDeadlines:
    """How many open cases of a department are late, and how many due soon."""

    agency_id: str | None
    department: str | None
    late: int
    soon: int
    earliest: datetime


def count_deadlines(
    conn: Connection,
    agency_id: str | None,
    departments: list[str] | None,
    now: datetime,
    horizon: datetime,
) -> list[UnitDeadlines]:
    """Departments with cases due up to `horizon`, those with most late first."""
    parameters = {
        "agency_id": agency_id,
        "departments": departments,
        "now": now,
        "horizon": horizon,
    }
    with conn.cursor(row_factory=class_row(UnitDeadlines)) as cursor:
        return cursor.execute(QUERIES["count_deadlines"], parameters).fetchall()


def list_deadlines(
    conn: Connection, horizon: datetime, after: Deadline | None, limit: int
) -> list[Deadline]:
    """Open cases due up to `horizon` of which not everything was told, the earliest first."""
    parameters = {
        "horizon": horizon,
        "after_due": after.due_at if after else None,
        "after_id": after.id if after else None,
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(Deadline)) as cursor:
        return cursor.execute(QUERIES["list_deadlines"], parameters).fetchall()


def tell_reminders(conn: Connection, found: Sequence[Reminder], now: datetime) -> int:
    """Write events and work for the notices, each reminder once; returns how many were new.

    A case that was answered, paused or given another due time meanwhile is left out.
    """
    rows = [
        {**asdict(item), "case_id": str(item.case_id), "mark": item.mark.isoformat()}
        for item in found
    ]
    return conn.execute(QUERIES["tell_reminders"], {"rows": Jsonb(rows), "now": now}).rowcount


def tell_progress(conn: Connection, now: datetime, every_days: int, limit: int) -> int:
    """Write the progress notices that are due by now; returns how many."""
    parameters = {"now": now, "every": every_days, "limit": limit}
    return conn.execute(QUERIES["tell_progress"], parameters).rowcount


def tell_late_handovers(conn: Connection, now: datetime, limit: int) -> int:
    """Tell of cases that nobody took or passed on in time, each time once; returns how many."""
    parameters = {"now": now, "limit": limit}
    return conn.execute(QUERIES["tell_late_handovers"], parameters).rowcount


def store_overdue_list(
    conn: Connection, month: date, since: datetime, until: datetime, now: datetime
) -> int:
    """Keep the list of the month from `since` to before `until`; returns how many were added."""
    parameters = {"month": month, "since": since, "until": until, "now": now}
    return conn.execute(QUERIES["store_overdue_list"], parameters).rowcount


def list_overdue(
    conn: Connection,
    month: date,
    agency_id: str | None,
    departments: list[str] | None,
    after: Position | None,
    limit: int,
) -> list[Late]:
    """A page of a month's list, by due time."""
    parameters = {
        "month": month,
        "agency_id": agency_id,
        "departments": departments,
        "after_due": after.at if after else None,
        "after_id": after.id if after else None,
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(Late)) as cursor:
        return cursor.execute(QUERIES["list_overdue"], parameters).fetchall()
