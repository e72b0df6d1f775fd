"""The outbox, heartbeats and job runs in Postgres. Every time here is the database's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from psycopg.rows import class_row

from services.database import Connection, named_queries

QUERIES = named_queries(Path(__file__).parent)

LEASE_SECONDS = 60.0
MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed row; only the holder of the newest `fence` may finish it."""

    id: int
    case_id: UUID
    fence: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Claimable:
    """Rows of one topic that nobody holds though they are due."""

    topic: str
    due: int
    oldest_seconds: float


def claim_fresh(conn: Connection, topic: str, limit: int) -> list[Work]:
    """Claim up to `limit` rows that nobody has tried yet."""
    return _claim(conn, topic, limit, fresh=True)


def claim_again(conn: Connection, topic: str) -> list[Work]:
    """Claim one row that was tried before: one that kills its worker must take no others along."""
    return _claim(conn, topic, 1, fresh=False)


def _claim(conn: Connection, topic: str, limit: int, *, fresh: bool) -> list[Work]:
    parameters = {
        "topic": topic,
        "limit": limit,
        "fresh": fresh,
        "max_attempts": MAX_ATTEMPTS,
        "lease_seconds": LEASE_SECONDS,
    }
    with conn.cursor(row_factory=class_row(Work)) as cursor:
        return cursor.execute(QUERIES["claim_work"], parameters).fetchall()


def extend_lease(conn: Connection, work: Sequence[Work]) -> int:
    """Hold `work` for another lease; returns how many rows are still ours."""
    parameters = {**_held(work), "lease_seconds": LEASE_SECONDS}
    return conn.execute(QUERIES["extend_lease"], parameters).rowcount


def finish_work(conn: Connection, work: Sequence[Work]) -> set[UUID]:
    """Remove the rows still ours and return their cases; the others are someone else's by now."""
    return {row[0] for row in conn.execute(QUERIES["finish_work"], _held(work)).fetchall()}


def put_back_work(conn: Connection, work: Sequence[Work], error: str, delay_seconds: float) -> None:
    """Give the rows back after a failure, to be tried again after `delay_seconds`."""
    parameters = {**_held(work), "error": error, "delay_seconds": delay_seconds}
    conn.execute(QUERIES["put_back_work"], parameters)


def take_exhausted(conn: Connection, topic: str) -> list[UUID]:
    """Mark rows out of attempts as dead and return their cases."""
    parameters = {"topic": topic, "max_attempts": MAX_ATTEMPTS}
    return [row[0] for row in conn.execute(QUERIES["take_exhausted"], parameters).fetchall()]


def revive_dead(conn: Connection, topic: str, after_seconds: float) -> int:
    """Let rows that have been dead for so long be tried once more, alone; returns how many."""
    parameters = {"topic": topic, "seconds": after_seconds, "attempts": MAX_ATTEMPTS - 1}
    return conn.execute(QUERIES["revive_dead"], parameters).rowcount


def mark_hinted(conn: Connection, limit: int) -> list[str]:
    """Topics of up to `limit` new rows, one entry for each row."""
    rows = conn.execute(QUERIES["mark_hinted"], {"limit": limit}).fetchall()
    return [str(row[0]) for row in rows]


def count_claimable(conn: Connection) -> list[Claimable]:
    with conn.cursor(row_factory=class_row(Claimable)) as cursor:
        return cursor.execute(QUERIES["count_claimable"]).fetchall()


def beat_heart(conn: Connection, process: str) -> None:
    conn.execute(QUERIES["beat_heart"], {"process": process})


def begin_job(conn: Connection, job: str, seconds: float) -> bool:
    """True for the first to begin `job` in the current period of `seconds`."""
    return conn.execute(QUERIES["begin_job"], {"job": job, "seconds": seconds}).rowcount == 1


def forget_old_runs(conn: Connection) -> None:
    conn.execute(QUERIES["forget_old_runs"])


def _held(work: Sequence[Work]) -> dict[str, list[int]]:
    return {"ids": [row.id for row in work], "fences": [row.fence for row in work]}
