"""Questions that got no answer, masked, in Postgres: one function for each statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg.rows import class_row

from services.database import Connection
from services.errors import NotFound
from services.knowledge.store import QUERIES


@dataclass(frozen=True, slots=True)
class Gap:
    """A question without an answer, masked; `asked` counts it and what was like it."""

    id: UUID
    question: str
    nearest: str | None
    confidence: float
    asked: int
    state: str
    article_id: str | None
    actor: str | None
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What is written down of a question in vain; the text must be masked."""

    question: str
    vector: NDArray[np.float32]
    model_version: str
    nearest: str | None
    confidence: float


def record_gap(conn: Connection, asked: Asked, id: UUID, at: datetime, alike: float) -> None:
    """Count a question on an open gap within cosine distance `alike`, or write it down anew."""
    row = {
        "id": id,
        "question": asked.question,
        "embedding": HalfVector(asked.vector).to_text(),
        "model_version": asked.model_version,
        "nearest": asked.nearest,
        "confidence": asked.confidence,
        "at": at,
    }
    if conn.execute(QUERIES["count_again"], row | {"alike": alike}).fetchone() is None:
        conn.execute(QUERIES["add_gap"], row)


def list_gaps(conn: Connection, state: str, after: Gap | None, limit: int) -> list[Gap]:
    """A page, the most asked first."""
    parameters = {
        "state": state,
        "asked": after.asked if after else None,
        "last_at": after.last_at if after else None,
        "id": after.id if after else None,
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(Gap)) as cursor:
        return cursor.execute(QUERIES["list_gaps"], parameters).fetchall()


def find_gap(conn: Connection, id: UUID) -> Gap:
    """Raises `NotFound`."""
    with conn.cursor(row_factory=class_row(Gap)) as cursor:
        gap = cursor.execute(QUERIES["find_gap"], {"id": id}).fetchone()
    if gap is None:
        raise NotFound
    return gap


def close_gap(conn: Connection, id: UUID, state: str, actor: str, article_id: str | None) -> bool:
    """False if it was closed already."""
    row = {"id": id, "state": state, "actor": actor, "article_id": article_id}
    return conn.execute(QUERIES["close_gap"], row).fetchone() is not None


def forget_gaps(conn: Connection, before: datetime) -> int:
    """Drop gaps last asked before then; returns how many."""
    return conn.execute(QUERIES["forget_gaps"], {"before": before}).rowcount


def gauge_gaps(conn: Connection) -> tuple[int, int]:
    """Open gaps, and how often they were asked."""
    row = conn.execute(QUERIES["gauge_gaps"]).fetchone()
    return (row[0], row[1]) if row else (0, 0)
