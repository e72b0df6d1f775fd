"""An installation's own processes, started and killed one by one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psycopg
from starlette.testclient import TestClient

from services.api.app import create_app
from services.settings import ROOT
from services.stack.redis import EmbeddedRedis
from services.stack.testing import embedded_redis
from tests.conftest import Installation

CELERY = ("-m", "celery", "-A", "workers.app")
PROGRAMS = {
    "worker": (
        *CELERY,
        *("worker", "--concurrency", "2", "-Q", "triage,sweep,notice"),
        *("--without-mingle", "--without-gossip", "--loglevel", "WARNING"),
    ),
    "relay": ("-m", "workers.relay"),
    "beat": (*CELERY, "beat", "--schedule", os.devnull),
}
TEXTS = (
    "두암동 가로등이 나갔어요",
    "풍암동에서 버스가 그냥 지나갔어요",
    "수완동 인도에 차를 세워요",
)


@dataclass(slots=True)
class Site:
    installation: Installation
    redis: EmbeddedRedis
    client: TestClient
    stack: ExitStack
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, **environ: str) -> None:
        """Start a program in a process group of its own."""
        arguments = list(PROGRAMS[name])
        if name == "beat":
            folder = self.stack.enter_context(TemporaryDirectory())
            arguments[-1] = f"{folder}/beat"
        self.running[name] = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**self.installation.environ(self.redis.url()), **environ},
            start_new_session=True,
        )

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the program and all its children."""
        os.killpg(self.running[name].pid, number)

    def kill(self, name: str) -> None:
        self.signal(name, signal.SIGKILL)
        self.running.pop(name).wait()

    def file(self, many: int) -> None:
        """File complaints over HTTP, in batches."""
        texts = [TEXTS[number % len(TEXTS)] for number in range(many)]
        for begin in range(0, many, 500):
            items = [{"channel": "web", "web": {"body": text}} for text in texts[begin:][:500]]
            response = self.client.post(
                "/v1/complaints:batch", json={"items": items}, headers=self._headers()
            )
            assert [item["http_status"] for item in response.json()["items"]] == [202] * len(items)

    def ask(self, question: str) -> Any:
        """The single value that a query of the database gives."""
        with psycopg.connect(self.installation.settings.database_url) as conn:
            row = conn.execute(question.encode()).fetchone()
        assert row is not None
        return row[0]

    def untriaged(self) -> int:
        return int(self.ask("SELECT count(*) FROM cases WHERE state = 'received'"))

    def triaged_once(self) -> bool:
        """Every case left `received` exactly once, and no work is left over."""
        events = self.ask(
            "SELECT coalesce(bool_and(n = 1), true) FROM (SELECT count(e.id) AS n FROM cases c "
            "LEFT JOIN case_events e ON e.case_id = c.id AND e.action IN ('route', 'review') "
            "GROUP BY c.id) AS told"
        )
        versions = self.ask("SELECT bool_and(version = 2) FROM cases")
        left = self.ask("SELECT count(*) FROM outbox WHERE topic = 'triage'")
        return bool(events) and bool(versions) and left == 0

    def _headers(self) -> dict[str, str]:
        key = self.installation.keys["channel"]
        return {"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid4())}


@contextlib.contextmanager
def opened(installation: Installation) -> Iterator[Site]:
    with (
        ExitStack() as stack,
        TemporaryDirectory() as folder,
        embedded_redis(Path(folder)) as (redis, _),
        TestClient(create_app(installation.settings)) as client,
    ):
        site = Site(installation, redis, client, stack)
        try:
            yield site
        finally:
            for name in list(site.running):
                site.kill(name)
