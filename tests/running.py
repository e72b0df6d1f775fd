"""The whole stack as an operator starts it, for tests that speak HTTP to it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from services.settings import ROOT

START_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Running:
    """`minwon up` with its address, keys and data folder."""

    process: subprocess.Popen[str]
    url: str
    data: Path
    keys: dict[str, Any]

    def client(self, role: str, agency: str | None = None) -> httpx.Client:
        """A client with the key of a role, or of an agency's staff."""
        key = self.keys["staff"][agency] if agency else self.keys[role]
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def child(self, name: str) -> psutil.Process:
        """The process that the supervisor started as `name`."""
        rows = json.loads((self.data / "run" / "processes.json").read_text(encoding="utf-8"))
        return psutil.Process(next(row["pid"] for row in rows if row["name"] == name))


@contextmanager
def minwon_up(data: Path, *arguments: str) -> Iterator[Running]:
    """Run `minwon up` on `data` until the block ends."""
    command = [sys.executable, "-m", "services.cli", "up", "--port", "0", "--data-dir", str(data)]
    with (
        (data.parent / f"{data.name}.err").open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            url = _ready(process)
            keys = json.loads((data / "keys.json").read_text(encoding="utf-8"))
            yield Running(process, url, data, keys)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("ready http://"), "the stack did not start; see the .err file"
    return line.split()[1]


def complaint(line: dict[str, Any], number: int) -> dict[str, Any]:
    """A labelled line as its channel would post it."""
    channel, text = line["channel"], line["text"]
    blocks: dict[str, dict[str, Any]] = {
        "voice": {
            "call_id": f"call-{number}",
            "transcript": {
                "segments": [
                    {"speaker": "agent", "text": "무엇을 도와드릴까요?", "start_ms": 0},
                    {"speaker": "caller", "text": text, "start_ms": 1500, "confidence": 0.9},
                ]
            },
        },
        "visual_ars": {
            "session_id": f"session-{number}",
            "menu_version": "1",
            "path": [],
            "text": text,
        },
        "web": {"body": text},
    }
    return {"channel": channel, channel: blocks[channel]}


def post(client: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    response = client.post("/v1/complaints", json=body, headers=headers)
    assert response.status_code == 202, response.text
    answer: dict[str, Any] = response.json()
    return answer


def eventually(done: Callable[[], bool], within_seconds: float, pause: float = 0.05) -> None:
    """Wait until `done` says so; fail after `within_seconds`."""
    deadline = time.monotonic() + within_seconds
    while not done():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(pause)
