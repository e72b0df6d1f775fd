"""Figures from Postgres."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from psycopg.rows import class_row

from services.database import Connection, named_queries

QUERIES = named_queries(Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class Window:
    """Complaints received from `since` to before `until`, of one agency or of all."""

    since: datetime
    until: datetime
    agency_id: str | None

    def parameters(self) -> dict[str, object]:
        return {"since": self.since, "until": self.until, "agency_id": self.agency_id}


@dataclass(frozen=True, slots=True)
class Work:
    """Counts of cases; times in seconds, None where nothing was measured."""

    cases: int
    backlog: int
    overdue: int
    oldest_open_seconds: float | None
    first_response_p50_seconds: float | None
    resolution_p50_seconds: float | None
    resolution_p90_seconds: float | None
    resolved: int
    resolved_on_time: int
    rerouted: int
    bounces: int
    triaged: int
    decided_by_machine: int
    mean_confidence: float | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Cases that staff took up or corrected, and how many the machine had right."""

    judged: int
    service_right: int
    agency_right: int


@dataclass(frozen=True, slots=True)
class Ratings:
    """What citizens said of their answers: `satisfied` gave 4 or 5 of 5."""

    ratings: int
    satisfied: int
    mean_score: float | None


def summarise_interactions(conn: Connection, window: Window) -> list[tuple[str, str | None, int]]:
    """(channel, outcome, count)."""
    return conn.execute(QUERIES["summarise_interactions"], window.parameters()).fetchall()


def summarise_states(conn: Connection, window: Window) -> dict[str, int]:
    rows = conn.execute(QUERIES["summarise_states"], window.parameters()).fetchall()
    return {row[0]: row[1] for row in rows}


def summarise_work(conn: Connection, window: Window, now: datetime) -> Work:
    with conn.cursor(row_factory=class_row(Work)) as cursor:
        parameters = {**window.parameters(), "now": now}
        return cursor.execute(QUERIES["summarise_work"], parameters).fetchall()[0]


def summarise_accuracy(conn: Connection, window: Window) -> Accuracy:
    with conn.cursor(row_factory=class_row(Accuracy)) as cursor:
        return cursor.execute(QUERIES["summarise_accuracy"], window.parameters()).fetchall()[0]


def summarise_ratings(conn: Connection, window: Window) -> Ratings:
    with conn.cursor(row_factory=class_row(Ratings)) as cursor:
        return cursor.execute(QUERIES["summarise_ratings"], window.parameters()).fetchall()[0]


def summarise_reopened(conn: Connection, window: Window) -> int:
    rows = conn.execute(QUERIES["summarise_reopened"], window.parameters()).fetchall()
    return int(rows[0][0])


def gauge_states(conn: Connection) -> list[tuple[str, int, float]]:
    """(state, count, age of the oldest in seconds)."""
    return conn.execute(QUERIES["gauge_states"]).fetchall()


def gauge_outbox(conn: Connection) -> list[tuple[str, int, int, float]]:
    """(topic, waiting, dead, age of the oldest in seconds)."""
    return conn.execute(QUERIES["gauge_outbox"]).fetchall()


def gauge_heartbeats(conn: Connection) -> list[tuple[str, float]]:
    """(process, age in seconds)."""
    return conn.execute(QUERIES["gauge_heartbeats"]).fetchall()


def gauge_stuck(conn: Connection) -> list[tuple[str, int]]:
    """(why, count): cases that a sweeper should have moved more than five minutes ago."""
    return conn.execute(QUERIES["gauge_stuck"]).fetchall()


def gauge_calls(conn: Connection) -> list[tuple[str, int, float]]:
    """(state, count, seconds since the longest silent one's last turn) of calls not ended.

    `stuck`: without a turn for 15 minutes; the sweeper should have ended it.
    """
    return conn.execute(QUERIES["gauge_calls"]).fetchall()


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Calls that came out one way; None for those still on."""

    outcome: str | None
    calls: int


@dataclass(frozen=True, slots=True)
class CallFigures:
    duration_p50_seconds: float | None
    duration_p90_seconds: float | None
    mean_turns: float | None
    emergencies: int
    abuse_warned: int
    incomplete_cases: int


def summarise_calls(conn: Connection, window: Window) -> list[Outcomes]:
    with conn.cursor(row_factory=class_row(Outcomes)) as cursor:
        return cursor.execute(QUERIES["summarise_calls"], window.parameters()).fetchall()


def measure_calls(conn: Connection, window: Window) -> CallFigures:
    with conn.cursor(row_factory=class_row(CallFigures)) as cursor:
        return cursor.execute(QUERIES["measure_calls"], window.parameters()).fetchall()[0]


def count_connected(conn: Connection, window: Window) -> dict[str, int]:
    """Calls that each agency took, by its name as the directives gave it."""
    return dict(conn.execute(QUERIES["count_connected"], window.parameters()).fetchall())


def count_asked_in_vain(conn: Connection, window: Window) -> dict[str, int]:
    """How often each question got no answer."""
    return dict(conn.execute(QUERIES["count_asked_in_vain"], window.parameters()).fetchall())
