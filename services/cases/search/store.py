"""The words of cases in Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from services.cases.search.words import document
from services.database import Connection, Database, named_queries

QUERIES = named_queries(Path(__file__).parent)

AT_ONCE = 500


def index_cases(conn: Connection, ids: Sequence[UUID]) -> None:
    """Make the cases findable by receipt number, title, text and place."""
    rows = conn.execute(QUERIES["load_texts"], {"ids": list(ids)}).fetchall()
    words = [document(texts) for _, *texts in rows]
    conn.execute(QUERIES["put_words"], {"ids": [row[0] for row in rows], "words": words})


def index_missing(database: Database) -> int:
    """Index what was placed before there was a search; returns how many."""
    done = 0
    while True:
        with database.transaction() as conn:
            rows = conn.execute(QUERIES["list_wordless"], {"limit": AT_ONCE}).fetchall()
            if rows:
                index_cases(conn, [row[0] for row in rows])
        done += len(rows)
        if len(rows) < AT_ONCE:
            return done
