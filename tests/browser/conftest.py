"""A real server and a real browser: a Chromium and a database for each file of tests.

Playwright keeps an event loop running in the thread that started it, in which other tests could
start none; so it ends with the file.

MINWON_CHROMIUM names the browser. Where there is none these tests are skipped, unless
MINWON_REQUIRE_BROWSER=1, as continuous integration sets it.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright

from models.engine import load as load_model
from services.cases.deadline import statutory_clock
from services.cases.dispatch import Dispatcher
from services.city import CityPack
from services.database import WORKER, Database
from services.settings import Settings
from services.stack.postgres import EmbeddedPostgres
from services.triage.triage import Triage
from services.web.app import create_app
from tests.browser.visitor import Visitor
from tests.conftest import ARTIFACT, install

CHROMIUM = os.environ.get("MINWON_CHROMIUM") or shutil.which("chromium")
REQUIRED = os.environ.get("MINWON_REQUIRE_BROWSER") == "1"
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


@dataclass(frozen=True, slots=True)
class Served:
    """A site under a real address, with the worker's part of it at hand."""

    url: str
    app: FastAPI
    settings: Settings
    keys: dict[str, Any]
    dispatcher: Dispatcher

    def work(self) -> int:
        """Do what the workers would: place all complaints that wait; returns how many."""
        return self.dispatcher.drain()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None or not Path(CHROMIUM).exists():
        if REQUIRED:
            pytest.fail("MINWON_REQUIRE_BROWSER is set and there is no Chromium")
        pytest.skip("no Chromium on this machine; install it or name it in MINWON_CHROMIUM")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="session")
def triage(pack: CityPack) -> Triage:
    return Triage(pack, load_model(ARTIFACT, ""))


@pytest.fixture(scope="module")
def served(
    browser: Browser,
    postgres: EmbeddedPostgres,
    template: dict[str, Any],
    worker: str,
    triage: Triage,
    pack: CityPack,
) -> Iterator[Served]:
    installation = install(postgres, template, worker, log_level="ERROR")
    settings = installation.settings
    database = Database(settings.database_url, WORKER)
    database.open()
    app = create_app(settings)
    with listening(app) as url:
        dispatcher = Dispatcher(database, triage, pack, statutory_clock(pack))
        yield Served(url, app, settings, installation.keys, dispatcher)
    database.close()


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """The address of `app`, served by uvicorn in a thread until the block ends."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
        started = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, door, started), daemon=True)
        thread.start()
        assert started.wait(30), "the server did not start"
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)


def _serve(server: uvicorn.Server, door: socket.socket, started: threading.Event) -> None:
    door.listen(128)
    started.set()
    server.run(sockets=[door])


@pytest.fixture
def visitor(served: Served, browser: Browser) -> Iterator[Visitor]:
    """Someone at a desk who reads Korean; what broke the page's rules fails the test."""
    with Visitor.opened(browser, served.url) as someone:
        yield someone


@pytest.fixture(params=[(1280, "ko"), (360, "ko"), (360, "en")], ids=lambda p: f"{p[0]}-{p[1]}")
def anyone(request: pytest.FixtureRequest, served: Served, browser: Browser) -> Iterator[Visitor]:
    """The same at a desk and with a telephone, in either language."""
    width, language = request.param
    with Visitor.opened(browser, served.url, width=width, language=language) as someone:
        yield someone
