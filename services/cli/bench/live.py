"""`minwon bench live`: what callers wait for between two turns, beside a filed complaint."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import numpy as np

from services.cli.bench.machine import Machine, this_machine
from services.cli.bench.rounds import Latency
from services.cli.bench.site import HOST, Site, served

SCRIPT = (
    "가로등이 나가서 캄캄해요",
    "두암동이요",
    "네 맞아요",
    "두암동 골목에 쓰레기를 무단투기해 놨어요",
    "네",
    "여권 재발급 어떻게 해요?",
    "아니요 됐어요",
)
PACKAGES = ("fastapi", "uvicorn", "psycopg", "httpx")
WARM_UP = 10
NOTICES = {"recording": True, "ai": True}


@dataclass(frozen=True, slots=True)
class Plan:
    """`pause` seconds that a caller speaks before each turn; 0 posts without a rest."""

    calls: int = 50
    pause: float = 1.0
    rounds: int = 3


@dataclass(frozen=True, slots=True)
class LiveReport:
    """`server` is what the answers say of themselves, `client` the round trip, `complaint` a
    complaint filed over as many connections with the same pauses: the peer. Ratios are of p95.
    """

    bench: str
    machine: Machine
    calls: int
    pause: float
    turns: int
    failed: int
    server: Latency
    client: Latency
    complaint: Latency
    of_a_complaint: float


def measure(city_pack: Path, plan: Plan) -> LiveReport:
    """Run a new site in a temporary folder, and all calls of the plan at once on it."""
    machine = this_machine(*PACKAGES)
    with TemporaryDirectory(prefix="minwon-bench-") as name, served(Path(name), city_pack) as site:
        return asyncio.run(_measure(machine, site, plan))


def as_table(report: LiveReport) -> str:
    head = f"{'':<12}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}"
    parts = {"server": report.server, "client": report.client, "complaint": report.complaint}
    rows = [f"{n:<12}{x.p50_ms:>9.2f}{x.p95_ms:>9.2f}{x.p99_ms:>9.2f}" for n, x in parts.items()]
    said = (
        f"{report.calls} calls at once, {report.pause:g} s between turns, {report.turns} turns, "
        f"{report.failed} failed; a turn takes {report.of_a_complaint:.2f} times a complaint (p95)"
    )
    return "\n".join([head, *rows, said, str(report.machine)])


async def _measure(machine: Machine, site: Site, plan: Plan) -> LiveReport:
    limits = httpx.Limits(max_connections=plan.calls, max_keepalive_connections=plan.calls)
    headers = {"Authorization": f"Bearer {site.key}"}
    base = f"http://{HOST}:{site.port}"
    server: list[float] = []
    client: list[float] = []
    peer: list[float] = []
    async with httpx.AsyncClient(
        base_url=base, headers=headers, limits=limits, timeout=30, trust_env=False
    ) as http:
        for _ in range(WARM_UP):
            await _call(http, 0.0, [], [])
        failed = 0
        for _ in range(plan.rounds):
            failed += await _all(plan, lambda: _call(http, plan.pause, server, client))
            failed += await _all(plan, lambda: _complain(http, plan.pause, peer))
    ours, theirs = _latency(client), _latency(peer)
    return LiveReport(
        bench="live",
        machine=machine,
        calls=plan.calls,
        pause=plan.pause,
        turns=len(client),
        failed=failed,
        server=_latency(server),
        client=ours,
        complaint=theirs,
        of_a_complaint=round(ours.p95_ms / theirs.p95_ms, 3),
    )


async def _all(plan: Plan, one: Callable[[], Awaitable[int]]) -> int:
    """Start all calls, spread over the first pause as callers are; how many answers failed."""

    async def begin(number: int) -> int:
        await asyncio.sleep(plan.pause * number / plan.calls)
        return await one()

    return sum(await asyncio.gather(*(begin(number) for number in range(plan.calls))))


async def _call(
    http: httpx.AsyncClient, pause: float, server: list[float], client: list[float]
) -> int:
    begun = await http.post("/v1/calls", json={"call_id": str(uuid.uuid4()), "notices": NOTICES})
    id, failed = begun.json()["id"], 0
    for number, text in enumerate(SCRIPT, 1):
        await asyncio.sleep(pause)
        turn = {"turn_seq": number, "event": "speech", "speech": {"text": text}}
        answer, seconds = await _timed(http, f"/v1/calls/{id}/turns", turn, {})
        if answer.status_code != 200:
            failed += 1
            continue
        client.append(seconds)
        server.append(answer.json()["meta"]["server_ms"] / 1000)
    return failed


async def _complain(http: httpx.AsyncClient, pause: float, waits: list[float]) -> int:
    failed = 0
    for text in itertools.islice(SCRIPT, len(SCRIPT)):
        await asyncio.sleep(pause)
        body = {"channel": "web", "web": {"body": text}}
        once = {"Idempotency-Key": str(uuid.uuid4())}
        answer, seconds = await _timed(http, "/v1/complaints", body, once)
        failed += answer.status_code != 202
        waits.append(seconds)
    return failed


async def _timed(
    http: httpx.AsyncClient, path: str, body: dict[str, Any], headers: dict[str, str]
) -> tuple[httpx.Response, float]:
    began = time.perf_counter()
    answer = await http.post(path, json=body, headers=headers)
    return answer, time.perf_counter() - began


def _latency(seconds: list[float]) -> Latency:
    p50, p95, p99 = (np.percentile(seconds, [50, 95, 99]) * 1000).round(2).tolist()
    return Latency(p50, p95, p99)
