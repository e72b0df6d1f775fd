"""Complaints on their way through triage, and back to it as labels, in Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from services.cases.search.store import index_cases
from services.cases.store import QUERIES
from services.database import Connection


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


def list_orphans(conn: Connection, limit: int) -> list[UUID]:
    rows = conn.execute(QUERIES["list_orphans"], {"limit": limit}).fetchall()
    return [row[0] for row in rows]


def requeue_orphans(conn: Connection, ids: Sequence[UUID]) -> None:
    conn.execute(QUERIES["requeue_orphans"], {"ids": list(ids)})


def list_labels(conn: Connection, since: datetime) -> list[Label]:
    """What staff corrected or answered since: each line is one that the models may learn from."""
    with conn.cursor(row_factory=class_row(Label)) as cursor:
        return cursor.execute(QUERIES["list_labels"], {"since": since}).fetchall()
