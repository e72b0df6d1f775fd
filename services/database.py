"""Postgres: pools, `transaction()`, and the loader of named queries."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL
from psycopg_pool import AsyncConnectionPool, ConnectionPool, PoolTimeout

from services.errors import Unavailable

Connection = psycopg.Connection[tuple[Any, ...]]
AsyncConnection = psycopg.AsyncConnection[tuple[Any, ...]]

API = "minwon_api"
WORKER = "minwon_worker"
RETRY_SECONDS = 1.0
"""How long a pool tries by itself to connect again; then the next who asks makes it try. Its pauses
double, so after a long outage it would come back as much later."""

_TIMEOUTS = {
    API: "-c statement_timeout=5s -c lock_timeout=1s",
    WORKER: "-c statement_timeout=30s -c lock_timeout=5s",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a transaction may see; the row-level policies in migrations/0005_walls.sql read it."""

    name: str
    agency: str = ""
    client: str = ""
    receipt: str = ""


CITY = Scope("city")
NOTHING = Scope("")


def conninfo(url: str, role: str) -> str:
    """The connection string under which a program acts as `role`, with that role's timeouts."""
    options = f"-c role={role} {_TIMEOUTS[role]} -c idle_in_transaction_session_timeout=10s"
    return make_conninfo(url, options=options, connect_timeout=5, application_name=role)


class Database:
    """A pool of connections acting under one role."""

    def __init__(self, url: str, role: str, *, size: int = 8, wait: float = 2.0) -> None:
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            conninfo(url, role),
            min_size=1,
            max_size=size,
            timeout=wait,
            open=False,
            name=role,
            check=self._check,
            reconnect_timeout=RETRY_SECONDS,
        )

    def open(self) -> None:
        """Start connecting in the background; does not wait for the server."""
        self._pool.open(wait=False)

    def close(self) -> None:
        self._pool.close()

    def _check(self, conn: Connection) -> None:
        """Where one connection was cut the others may be too: none of them is handed out."""
        try:
            _raise_if_cut(conn)
        except psycopg.OperationalError:
            self._pool.check()
            raise

    @contextmanager
    def transaction(self, scope: Scope = NOTHING) -> Iterator[Connection]:
        """One transaction that sees what `scope` may see.

        Raises `Unavailable` when the server cannot be reached or goes away on the way.
        """
        try:
            with self._pool.connection() as conn:
                if scope.name:
                    set_scope(conn, scope)
                yield conn
        except (PoolTimeout, psycopg.OperationalError) as error:
            if not _is_outage(error):
                raise
            self._pool.check()
            raise Unavailable from error


class AsyncDatabase:
    """An autocommit pool for work that is one statement, as intake is."""

    def __init__(self, url: str, role: str, *, size: int = 4, wait: float = 2.0) -> None:
        self._pool: AsyncConnectionPool[AsyncConnection] = AsyncConnectionPool(
            conninfo(url, role),
            min_size=1,
            max_size=size,
            timeout=wait,
            open=False,
            kwargs={"autocommit": True},
            name=f"{role} intake",
            check=self._check,
            reconnect_timeout=RETRY_SECONDS,
        )

    async def open(self) -> None:
        await self._pool.open(wait=False)

    async def close(self) -> None:
        await self._pool.close()

    async def _check(self, conn: AsyncConnection) -> None:
        """As `Database._check`."""
        try:
            _raise_if_cut(conn)
        except psycopg.OperationalError:
            await self._pool.check()
            raise

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A connection in autocommit; raises `Unavailable` as `Database.transaction` does."""
        try:
            async with self._pool.connection() as conn:
                yield conn
        except (PoolTimeout, psycopg.OperationalError) as error:
            if not _is_outage(error):
                raise
            await self._pool.check()
            raise Unavailable from error

    @asynccontextmanager
    async def transaction(self, scope: Scope = NOTHING) -> AsyncIterator[AsyncConnection]:
        """One transaction that sees what `scope` may see, begun in one round trip."""
        async with self.connection() as conn, conn.transaction():
            if scope.name:
                await conn.execute(QUERIES["set_scope"], _scope_parameters(scope))
            yield conn


def set_scope(conn: Connection, scope: Scope) -> None:
    """Let this transaction see what `scope` may see, until it ends."""
    conn.execute(QUERIES["set_scope"], _scope_parameters(scope))


def _raise_if_cut(conn: Connection | AsyncConnection) -> None:
    """Raises `psycopg.OperationalError` if the server has closed an idle connection.

    Asks the socket, not the server: a microsecond. The first reading may hold the server's
    farewell, the second finds the end.
    """
    conn.pgconn.consume_input()
    conn.pgconn.consume_input()


def _is_outage(error: Exception) -> bool:
    """True for a server that cannot be reached, is starting or stopping, or ran out of time."""
    return not isinstance(
        error, psycopg.errors.LockNotAvailable | psycopg.errors.ObjectNotInPrerequisiteState
    )


def _scope_parameters(scope: Scope) -> dict[str, str]:
    return {
        "scope": scope.name,
        "agency": scope.agency,
        "client": scope.client,
        "receipt": scope.receipt,
    }


_NAME = re.compile(r"^-- (name|part): (\w+)\s*$", re.MULTILINE)


def named_queries(folder: Path) -> dict[str, SQL]:
    """The statements of `folder/queries.sql`, each under the name in its `-- name:` line.

    What stands under a `-- part:` line is no statement: it is put where a statement says
    `{part}`, so that a list of columns is written once.
    """
    pieces = _NAME.split((folder / "queries.sql").read_text(encoding="utf-8"))
    kinds, names = pieces[1::3], pieces[2::3]
    if len(set(names)) != len(names):
        raise ValueError(f"a query name stands twice in {folder.name}/queries.sql")
    bodies = [body.strip().rstrip(";") for body in pieces[3::3]]
    given = list(zip(kinds, names, bodies, strict=True))
    parts = {name: body for kind, name, body in given if kind == "part"}
    return {name: SQL(_filled(body, parts)) for kind, name, body in given if kind == "name"}


def _filled(body: LiteralString, parts: dict[str, LiteralString]) -> LiteralString:
    for name, part in parts.items():
        body = body.replace(f"{{{name}}}", part)
    return body


QUERIES = named_queries(Path(__file__).parent)
