"""A client that costs little: one thread, keep-alive connections, one request in flight on each."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import cast

import httptools
import uvloop

from models.complaints import Complaint
from services.cli.bench.rounds import Run


def requests(key: str, name: str, lines: Sequence[Complaint]) -> Iterator[bytes]:
    """Complaints to post without end, by the channels of `lines`, each under a replay key anew."""
    parts = [_request(key, line, number) for number, line in enumerate(lines)]
    for number, (head, body) in enumerate(itertools.cycle(parts)):
        yield b"%sIdempotency-Key: %s-%d\r\n\r\n%s" % (head, name.encode(), number, body)


def post(port: int, supply: Iterator[bytes], connections: int, seconds: float) -> Run:
    """Post to 127.0.0.1 for `seconds`, then wait for the answers that are still due.

    Raises OSError when a connection is refused or ends early.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_post(port, supply, connections, seconds))


async def _post(port: int, supply: Iterator[bytes], connections: int, seconds: float) -> Run:
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    callers = [_Caller(supply, began + seconds, loop.create_future()) for _ in range(connections)]
    for caller in callers:
        await loop.create_connection(lambda caller=caller: caller, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(caller.ended for caller in callers))
    latencies = tuple(itertools.chain.from_iterable(caller.latencies for caller in callers))
    failed = sum(caller.failed for caller in callers)
    return Run(len(latencies), time.perf_counter() - began, latencies, failed)


class _Caller(asyncio.Protocol):
    """One connection. `ended` is set when it has its last answer."""

    def __init__(self, supply: Iterator[bytes], until: float, ended: asyncio.Future[None]) -> None:
        self.ended = ended
        self.latencies: list[float] = []
        self.failed = 0
        self._supply = supply
        self._until = until
        self._parser = httptools.HttpResponseParser(self)
        self._asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if self._parser.get_status_code() == HTTPStatus.ACCEPTED:
            self.latencies.append(time.perf_counter() - self._asked)
        else:
            self.failed += 1
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(exc or ConnectionResetError("the service hung up"))

    def _ask(self) -> None:
        self._asked = time.perf_counter()
        if self._asked < self._until:
            self._transport.write(next(self._supply))
        else:
            self.ended.set_result(None)
            self._transport.close()


def _request(key: str, line: Complaint, number: int) -> tuple[bytes, bytes]:
    """The head, as yet without its replay key, and the body."""
    blocks = {
        "voice": {"call_id": f"call-{number}", "transcript": {"text": line.text}},
        "visual_ars": {
            "session_id": f"session-{number}",
            "menu_version": "1",
            "path": [],
            "text": line.text,
        },
        "web": {"body": line.text},
    }
    complaint = {"channel": line.channel, line.channel: blocks[line.channel]}
    body = json.dumps(complaint, ensure_ascii=False).encode()
    head = (
        "POST /v1/complaints HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
    )
    return head.encode(), body
