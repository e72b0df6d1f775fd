"""A site to measure: its own durable Postgres, the real API as `minwon up` runs it, no Redis."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from services.cli.setup import prepare
from services.database import named_queries
from services.migrate import migrate
from services.stack.postgres import EmbeddedPostgres
from services.stack.processes import Child, Program
from services.stack.programs import programs
from services.stack.readiness import api_answers, free_port
from services.stack.testing import await_ready, embedded_postgres

QUERIES = named_queries(Path(__file__).parent)
HOST = "127.0.0.1"
NO_REDIS = "redis+socket:///nowhere/redis.sock?virtual_host=0"
"""Intake touches no Redis, and here there is none."""


@dataclass(frozen=True, slots=True)
class Site:
    """An API that answers, the key of a channel, and the database behind it."""

    port: int
    key: str
    database_url: str
    postgres: EmbeddedPostgres

    def filed(self) -> int:
        """The complaints that lie in the database whole."""
        with psycopg.connect(self.database_url) as conn:
            row = conn.execute(QUERIES["count_filed"]).fetchone()
        return int(row[0]) if row else 0


@contextmanager
def served(folder: Path, city_pack: Path) -> Iterator[Site]:
    """Run a new site in `folder` until the block ends."""
    with embedded_postgres(folder, durable=True) as (server, _):
        url = server.create_database("minwon")
        migrate(url)
        keys = prepare(url, city_pack)
        port = free_port(HOST, 0)
        child = Child(_api(folder, url, port, city_pack), folder / "log" / "api.log")
        try:
            await_ready(child, lambda: api_answers(HOST, port))
            yield Site(port, keys["channel"], url, server)
        finally:
            child.stop()


def _api(folder: Path, url: str, port: int, city_pack: Path) -> Program:
    env = {
        **os.environ,
        "MINWON_DATABASE_URL": url,
        "MINWON_REDIS_URL": NO_REDIS,
        "MINWON_SECRET_KEY": secrets.token_hex(32),
        "MINWON_CITY_PACK": str(city_pack),
        "MINWON_LOG_LEVEL": "WARNING",
    }
    return next(part for part in programs(HOST, port, 1, folder, env) if part.name == "api")
