"""A site for each file of tests: its own database, the interface and the pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.stack.postgres import EmbeddedPostgres
from services.web.app import create_app
from tests.conftest import install
from tests.integration.api.town import Town


@pytest.fixture(scope="module")
def site(postgres: EmbeddedPostgres, template: dict[str, Any], worker: str) -> Iterator[Town]:
    settings = install(postgres, template, worker, log_level="ERROR").settings
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield Town(client, settings, template)
