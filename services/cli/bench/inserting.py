"""The limit of durable intake: one row, one INSERT, one commit, with nothing of ours before it.

One thread speaks libpq's non-blocking protocol through psycopg on all connections at once, so that
the client takes as little of the machine from the server as pgbench would.
"""

from __future__ import annotations

import selectors
import time
from collections.abc import Iterator
from typing import cast

import psycopg
from psycopg.pq import ConnStatus, ExecStatus, PGconn

from services.cli.bench.rounds import Run

TABLE = "CREATE TABLE rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL)"
INSERT = b"INSERT INTO rows (text) VALUES ($1)"
NAME = b"insert"


def create_table(url: str) -> None:
    with psycopg.connect(url) as conn:
        conn.execute(TABLE)


def insert(url: str, supply: Iterator[bytes], connections: int, seconds: float) -> Run:
    """Insert the texts of `supply` for `seconds`, then wait for the commits that are still due.

    Raises `psycopg.OperationalError` when the server refuses.
    """
    links = [_Link(url, supply) for _ in range(connections)]
    try:
        return _drive(links, seconds)
    finally:
        for link in links:
            link.conn.finish()


def _drive(links: list[_Link], seconds: float) -> Run:
    began = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for link in links:
            selector.register(link.conn.socket, selectors.EVENT_READ, link)
            link.ask()
        while selector.get_map():
            for key, _ in selector.select():
                link = cast(_Link, key.data)
                if not link.answered():
                    continue
                if time.perf_counter() - began < seconds:
                    link.ask()
                else:
                    selector.unregister(key.fileobj)
    latencies = tuple(wait for link in links for wait in link.latencies)
    return Run(len(latencies), time.perf_counter() - began, latencies)


class _Link:
    """One connection with the statement prepared."""

    def __init__(self, url: str, supply: Iterator[bytes]) -> None:
        self.conn = PGconn.connect(url.encode())
        self.latencies: list[float] = []
        self._supply = supply
        self._asked = 0.0
        if self.conn.status != ConnStatus.OK:
            raise psycopg.OperationalError("the database refuses the connection")
        self.conn.prepare(NAME, INSERT)
        self.conn.nonblocking = 1

    def ask(self) -> None:
        self._asked = time.perf_counter()
        self.conn.send_query_prepared(NAME, [next(self._supply)])
        self.conn.flush()

    def answered(self) -> bool:
        """Take what has come; tell whether the commit is among it."""
        self.conn.consume_input()
        while not self.conn.is_busy():
            result = self.conn.get_result()
            if result is None:
                self.latencies.append(time.perf_counter() - self._asked)
                return True
            if result.status != ExecStatus.COMMAND_OK:
                raise psycopg.OperationalError("the database refuses the row")
        return False
