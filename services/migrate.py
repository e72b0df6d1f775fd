"""Forward-only migrations: numbered SQL files, each applied once, in its own transaction.

A file whose first line is `-- no transaction` holds one statement that Postgres refuses inside
one (CREATE INDEX CONCURRENTLY). An applied file must not change: its sha256 is kept.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg

from services.errors import ConfigurationError
from services.settings import ROOT

FOLDER = ROOT / "migrations"
_LOCK = 0x6D696E776F6E  # any constant: two migrators of one database wait for each other
_JOURNAL: LiteralString = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        version integer PRIMARY KEY,
        name text NOT NULL,
        sha256 text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )"""


class MigrationError(ConfigurationError):
    """The database's schema does not fit this version of Minwon."""

    code = "migration"


@dataclass(frozen=True, slots=True)
class Migration:
    version: int
    name: str
    statement: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.statement.encode()).hexdigest()

    @property
    def in_transaction(self) -> bool:
        return not self.statement.startswith("-- no transaction")


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """All migrations in order; raises `MigrationError` if a number stands twice.

    Numbers may have gaps; one that was applied after a higher one does no harm.
    """
    found = [
        Migration(int(path.name.split("_", 1)[0]), path.stem, path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("[0-9]*.sql"))
    ]
    if len({migration.version for migration in found}) != len(found):
        raise MigrationError("two migrations have the same number")
    return found


def migrate(url: str, folder: Path = FOLDER) -> int:
    """Bring the database at `url` to the newest schema; return how many migrations were applied."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as conn:
        conn.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        conn.execute("SET client_min_messages = warning")
        conn.execute(_JOURNAL)
        pending = _pending(conn, migrations(folder))
        conn.execute("SET lock_timeout = '5s'")
        for migration in pending:
            _apply(conn, migration)
    return len(pending)


def _pending(conn: psycopg.Connection, known: list[Migration]) -> list[Migration]:
    rows = conn.execute("SELECT version, sha256 FROM schema_migrations").fetchall()
    applied: dict[int, str] = {row[0]: row[1] for row in rows}
    if applied and max(applied) > known[-1].version:
        raise MigrationError("the database was made by a newer version of Minwon")
    for migration in known:
        if applied.get(migration.version, migration.sha256) != migration.sha256:
            raise MigrationError(f"migration {migration.name} was changed after it was applied")
    return [migration for migration in known if migration.version not in applied]


def _apply(conn: psycopg.Connection, migration: Migration) -> None:
    row = (migration.version, migration.name, migration.sha256)
    journal: LiteralString = (
        "INSERT INTO schema_migrations (version, name, sha256) VALUES (%s, %s, %s)"
    )
    if migration.in_transaction:
        with conn.transaction():
            conn.execute(migration.statement)
            conn.execute(journal, row)
    else:
        conn.execute(migration.statement)
        conn.execute(journal, row)
