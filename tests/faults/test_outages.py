"""Postgres dies under a running API: life and limb first, nothing accepted lost, then as before."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.api.app import create_app
from services.cli.setup import prepare
from services.migrate import migrate
from services.settings import Settings
from services.stack.processes import Child
from services.stack.testing import await_ready, embedded_postgres
from tests.conftest import ARTIFACT, NO_REDIS, PACK
from tests.integration.api.town import Town
from tests.integration.calls.caller import Caller, marks, speech

AWAY_SECONDS = 10.0
"""Long enough that pauses which double would have grown past `BACK_SECONDS`."""
BACK_SECONDS = 4.0
FIRE = speech("불났어요 빨리요")
LAMP = speech("두암동 골목에 가로등이 나가서 캄캄해요")


class Server:
    """A Postgres of this test's own, to be killed and started again."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.postgres, self._child = stack.enter_context(embedded_postgres(folder))
        self._log, self._stack = folder / "again.log", stack

    def kill(self) -> None:
        os.killpg(self._child.pid, signal.SIGKILL)
        while self._child.died() is None:
            time.sleep(0.01)

    def start(self) -> None:
        self._child = Child(self.postgres.program(), self._log)
        self._stack.callback(self._child.stop)
        await_ready(self._child, self.postgres.ready)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with ExitStack() as stack:
        yield Server(tmp_path, stack)


@pytest.fixture
def town(server: Server, tmp_path: Path) -> Iterator[Town]:
    url = server.postgres.create_database("minwon")
    migrate(url)
    keys = prepare(url, PACK)
    files = (tmp_path / "files").as_uri()
    settings = Settings(url, NO_REDIS, bytes(range(32)), PACK, ARTIFACT, "", "ERROR", files)
    app = create_app(settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        assert app.state.backend.engine.wait(30)
        yield Town(client, settings, keys)


def opened(town: Town, name: str) -> Any:
    body = {"call_id": name, "notices": {"recording": True, "ai": True}}
    return town.post("/v1/calls", "channel", body)


def refused_honestly(answer: Any) -> bool:
    return (
        answer.status_code == 503
        and answer.json()["code"] == "unavailable"
        and int(answer.headers["Retry-After"]) > 0
    )


def test_a_call_lives_through_a_crash_of_the_database(server: Server, town: Town) -> None:
    others = [Caller.dial(town) for _ in range(3)]
    caller = others[0]
    caller.say("가로등이 나갔어요")
    server.kill()
    died = time.monotonic()

    began = time.monotonic()
    told = caller.post(FIRE).json()
    assert time.monotonic() - began < 1.5
    assert "transfer:119" in marks(told["directives"])
    assert (told["meta"]["degraded"], told["meta"]["stored"]) == (True, False)
    assert refused_honestly(caller.post(LAMP))
    while time.monotonic() - died < AWAY_SECONDS:
        assert refused_honestly(opened(town, "in the outage"))
        assert "transfer:119" in marks(others[1].post(FIRE).json()["directives"])

    server.start()
    back = time.monotonic()
    while (answer := opened(town, "in the outage")).status_code != 201:
        assert refused_honestly(answer)
        assert time.monotonic() - back < BACK_SECONDS
    assert all(opened(town, f"after it {n}").json()["id"] for n in range(10))
    assert opened(town, "in the outage").json() == answer.json()

    told = caller.turn(FIRE)
    assert "transfer:119" in marks(told["directives"])
    assert told["meta"]["stored"]
    assert town.rows("SELECT turn_seq, event FROM call_turns ORDER BY 1") == [
        (1, "speech"),
        (2, "speech"),
    ]
    assert town.rows("SELECT count(*) FROM calls") == [(14,)]


def test_a_crash_between_two_openings_costs_none(server: Server, town: Town) -> None:
    """Connections that a crash cut are not handed out once the database is there again."""
    assert opened(town, "before").status_code == 201
    server.kill()
    server.start()
    assert opened(town, "after").json()["id"]
    assert town.file().status_code == 202
