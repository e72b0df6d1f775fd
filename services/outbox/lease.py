"""Keeps claimed work ours while a slow model thinks."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from services.database import Database
from services.errors import TriageError
from services.outbox import store

HEARTBEAT_SECONDS = store.LEASE_SECONDS / 3

_log = structlog.get_logger()


@contextmanager
def held(database: Database, work: Sequence[store.Work]) -> Iterator[None]:
    """Extend the lease on `work` every third of its length until the block ends."""
    done = threading.Event()
    thread = threading.Thread(target=_extend_until, args=(done, database, work), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _extend_until(done: threading.Event, database: Database, work: Sequence[store.Work]) -> None:
    while not done.wait(HEARTBEAT_SECONDS):
        try:
            with database.transaction() as conn:
                store.extend_lease(conn, work)
        except TriageError as error:  # the fence number protects the rows if the lease runs out
            _log.warning("lease_not_extended", code=error.code, rows=len(work))
