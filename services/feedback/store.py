"""Ratings in Postgres: one for each case, the last word counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from services.database import Connection, named_queries

QUERIES = named_queries(Path(__file__).parent)
SCORES: Final = range(1, 6)
"""From very dissatisfied to very satisfied."""


@dataclass(frozen=True, slots=True)
class Rating:
    score: int
    comment: str
    at: datetime


def put_rating(conn: Connection, case_id: UUID, rating: Rating) -> None:
    """Keep a citizen's rating of an answered case, in place of an earlier one."""
    parameters = {
        "case_id": case_id,
        "score": rating.score,
        "comment": rating.comment,
        "at": rating.at,
    }
    conn.execute(QUERIES["put_rating"], parameters)


def find_rating(conn: Connection, case_id: UUID) -> Rating | None:
    """The rating, if there is one and this transaction may see its case."""
    with conn.cursor(row_factory=class_row(Rating)) as cursor:
        return cursor.execute(QUERIES["find_rating"], {"case_id": case_id}).fetchone()
