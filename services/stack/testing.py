"""One embedded Postgres and Redis for a run of tests."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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
    """Run both servers on `folder`, a new one, without fsync, until the block ends.

    They also end when this process is killed, or when the thread that entered the block ends.
    """
    with ExitStack() as stack:
        sockets = stack.enter_context(socket_folder(folder))
        password = secrets.token_hex(16)
        postgres = EmbeddedPostgres(
            folder / "postgres", sockets / "postgres", password, durable=False
        )
        redis = EmbeddedRedis(folder / "redis", sockets / "redis")
        postgres.prepare()
        first = Child(postgres.program(), folder / "log" / "postgres.log")
        stack.callback(first.stop)
        second = Child(redis.program(), folder / "log" / "redis.log")
        stack.callback(second.stop)
        _await(first, postgres.ready)
        _await(second, redis.ready)
        yield Servers(postgres, redis, first, second)


def _await(child: Child, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_S
    while not ready():
        if child.died() is not None or time.monotonic() > deadline:
            raise StackError(f"{child.program.name} did not start; see its log")
        time.sleep(0.02)
