"""Embedded servers for tests, with context managers instead of a supervisor.

The servers also end when the process that entered the block is killed, or when its thread ends.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.stack.errors import StackError
from services.stack.postgres import EmbeddedPostgres
from services.stack.processes import Child
from services.stack.redis import EmbeddedRedis
from services.stack.sockets import socket_folder

START_S = 30.0


@dataclass(frozen=True, slots=True)
class Servers:
    """Both servers, answering."""

    postgres: EmbeddedPostgres
    redis: EmbeddedRedis
    postgres_child: Child
    redis_child: Child

    def create_database(self, name: str, template: str = "template1") -> str:
        """Create database `name`, a copy of `template`, and return its URL."""
        return self.postgres.create_database(name, template)

    def database_url(self, name: str) -> str:
        """Return the URL of database `name` for its superuser."""
        return self.postgres.url(name)

    def redis_url(self, number: int = 0) -> str:
        """Return the URL of Redis database `number` (0-15) in Celery's form."""
        return self.redis.url(number)


@contextmanager
def embedded_servers(folder: Path) -> Iterator[Servers]:
    """Run both servers on `folder`, a new one, without fsync, until the block ends."""
    with (
        embedded_postgres(folder) as (postgres, first),
        embedded_redis(folder) as (redis, second),
    ):
        yield Servers(postgres, redis, first, second)


@contextmanager
def embedded_postgres(
    folder: Path, *, durable: bool = False
) -> Iterator[tuple[EmbeddedPostgres, Child]]:
    """Run Postgres on `folder`, a new one, until the block ends; `durable` turns fsync on."""
    with socket_folder(folder / "run" / "postgres") as sockets:
        server = EmbeddedPostgres(
            folder / "postgres", sockets / "s", secrets.token_hex(16), durable=durable
        )
        server.prepare()
        child = Child(server.program(), folder / "log" / "postgres.log")
        try:
            await_ready(child, server.ready)
            yield server, child
        finally:
            child.stop()


@contextmanager
def embedded_redis(folder: Path) -> Iterator[tuple[EmbeddedRedis, Child]]:
    """Run Redis on `folder` until the block ends."""
    with socket_folder(folder / "run" / "redis") as sockets:
        server = EmbeddedRedis(folder / "redis", sockets / "s")
        child = Child(server.program(), folder / "log" / "redis.log")
        try:
            await_ready(child, server.ready)
            yield server, child
        finally:
            child.stop()


def await_ready(child: Child, ready: Callable[[], bool]) -> None:
    """Return once `ready()`; raise StackError if `child` dies or takes longer than `START_S`."""
    deadline = time.monotonic() + START_S
    while not ready():
        if child.died() is not None or time.monotonic() > deadline:
            raise StackError(f"{child.program.name} did not start; see its log")
        time.sleep(0.02)
