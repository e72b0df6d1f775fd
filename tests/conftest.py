"""One embedded Postgres for a run of tests, a fresh database for each test that asks for one."""

from __future__ import annotations

import itertools
import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.city import CityPack
from services.city import load as load_city
from services.cli.setup import prepare
from services.migrate import migrate
from services.settings import ROOT, Settings
from services.stack.postgres import EmbeddedPostgres
from services.stack.testing import embedded_postgres

PACK = ROOT / "city" / "gwangju"
ARTIFACT = ROOT / "models" / "artifact"
NO_REDIS = "redis+socket:///nowhere/redis.sock?virtual_host=0"
"""Tests that speak to Redis start their own."""

_numbers = itertools.count(1)
_shared = pytest.StashKey[EmbeddedPostgres]()


@dataclass(frozen=True, slots=True)
class Installation:
    """A migrated database with the city in it, and keys for every role."""

    settings: Settings
    keys: dict[str, Any]

    def environ(self, redis_url: str) -> dict[str, str]:
        """What a program of this installation finds in its environment."""
        return {
            **os.environ,
            "MINWON_DATABASE_URL": self.settings.database_url,
            "MINWON_REDIS_URL": redis_url,
            "MINWON_SECRET_KEY": self.settings.secret_key.hex(),
        }


def _start_postgres(config: pytest.Config) -> EmbeddedPostgres:
    """The run's server, started at the first call; the process that starts it ends it."""
    if _shared not in config.stash:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="minwon-tests-")))
        config.stash[_shared], _ = stack.enter_context(embedded_postgres(folder))
    return config.stash[_shared]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker process where the run's server is (a hook of pytest-xdist)."""
    server = _start_postgres(node.config)
    node.workerinput["postgres"] = [str(server.folder), str(server.sockets), server.password]


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> EmbeddedPostgres:
    place = getattr(request.config, "workerinput", {}).get("postgres")
    if place is None:
        return _start_postgres(request.config)
    folder, sockets, password = place
    return EmbeddedPostgres(Path(folder), Path(sockets), password, durable=False)


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of this process among those that share the server."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres, worker: str) -> dict[str, Any]:
    """A database to copy, migrated and with the city loaded; gives the keys in it."""
    url = postgres.create_database(f"template_{worker}")
    migrate(url)
    return prepare(url, PACK)


@pytest.fixture
def installation(postgres: EmbeddedPostgres, template: dict[str, Any], worker: str) -> Installation:
    return install(postgres, template, worker)


def install(
    postgres: EmbeddedPostgres, keys: dict[str, Any], worker: str, log_level: str = "WARNING"
) -> Installation:
    """A new database, copied from the worker's template, and the settings to use it."""
    name = f"minwon_{worker}_{next(_numbers)}"
    settings = Settings(
        database_url=postgres.create_database(name, f"template_{worker}"),
        redis_url=NO_REDIS,
        secret_key=bytes(range(32)),
        city_pack=PACK,
        model=ARTIFACT,
        embedder="",
        log_level=log_level,
        storage=(postgres.folder.parent / "attachments" / name).as_uri(),
    )
    return Installation(settings, keys)


@pytest.fixture(scope="session")
def pack() -> CityPack:
    return load_city(PACK)
