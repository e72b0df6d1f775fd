"""One embedded Postgres and Redis for each test process, a fresh database for each test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.city import CityPack
from services.city import load as load_city
from services.cli.setup import prepare
from services.migrate import migrate
from services.settings import ROOT, Settings
from services.stack.testing import Servers, embedded_servers

PACK = ROOT / "city" / "gwangju"
ARTIFACT = ROOT / "models" / "artifact"
TEMPLATE = "minwon_template"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Installation:
    """A migrated database with the city in it, and keys for every role."""

    settings: Settings
    keys: dict[str, Any]

    @property
    def environ(self) -> dict[str, str]:
        """What a program of this installation finds in its environment."""
        return {
            **os.environ,
            "MINWON_DATABASE_URL": self.settings.database_url,
            "MINWON_REDIS_URL": self.settings.redis_url,
            "MINWON_SECRET_KEY": self.settings.secret_key.hex(),
        }


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with embedded_servers(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture(scope="session")
def template(servers: Servers) -> dict[str, Any]:
    """A database to copy, migrated and with the city loaded; gives the keys in it."""
    url = servers.create_database(TEMPLATE)
    migrate(url)
    return prepare(url, PACK)


@pytest.fixture
def installation(servers: Servers, template: dict[str, Any]) -> Installation:
    number = next(_numbers)
    settings = Settings(
        database_url=servers.create_database(f"minwon_{number}", TEMPLATE),
        redis_url=servers.redis_url(number % 16),
        secret_key=bytes(range(32)),
        city_pack=PACK,
        model=ARTIFACT,
        embedder="",
        log_level="WARNING",
    )
    return Installation(settings, template)


@pytest.fixture(scope="session")
def pack() -> CityPack:
    return load_city(PACK)


@pytest.fixture(scope="session")
def checkout() -> Path:
    return ROOT
