"""A town for each file of tests: its own database, one running application."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.api.app import create_app
from services.settings import Settings
from services.stack.postgres import EmbeddedPostgres
from tests.conftest import ARTIFACT, NO_REDIS, PACK
from tests.integration.api.town import Town

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def town(postgres: EmbeddedPostgres, template: dict[str, Any], worker: str) -> Iterator[Town]:
    name = f"town_{worker}_{next(_numbers)}"
    settings = Settings(
        database_url=postgres.create_database(name, f"template_{worker}"),
        redis_url=NO_REDIS,
        secret_key=bytes(range(32)),
        city_pack=PACK,
        model=ARTIFACT,
        embedder="",
        log_level="ERROR",
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield Town(client, settings, template)
