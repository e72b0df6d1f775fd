"""Wakes those who watch a call when its screen changes: one LISTEN connection for a process.

A notice may be lost while the connection is away, so watchers also look by themselves now and then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator

import psycopg
import structlog

CHANNEL = "minwon_call"
LOOK_SECONDS = 2.0
RECONNECT_SECONDS = 1.0

_log = structlog.get_logger()


class Hub:
    """Connects at the first watcher and stays."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._watchers: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def changes(self, id: str) -> AsyncIterator[None]:
        """Yields at once, then whenever the call may have changed."""
        with self._watching(id) as event:
            while True:
                yield None
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), LOOK_SECONDS)
                event.clear()

    @contextlib.contextmanager
    def _watching(self, id: str) -> Iterator[asyncio.Event]:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        event = asyncio.Event()
        self._watchers[id].add(event)
        try:
            yield event
        finally:
            self._watchers[id].discard(event)
            if not self._watchers[id]:
                del self._watchers[id]

    async def _listen(self) -> None:
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True)
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    async for notice in connection.notifies():
                        for event in self._watchers.get(notice.payload, ()):
                            event.set()
            except psycopg.OperationalError as error:
                _log.warning("hub_away", error=type(error).__name__)
                await asyncio.sleep(RECONNECT_SECONDS)
