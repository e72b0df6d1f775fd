"""A town whose engine and articles are loaded, for callers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.api.app import create_app
from services.stack.postgres import EmbeddedPostgres
from tests.conftest import install
from tests.integration.api.town import Town
from tests.running import eventually


@pytest.fixture(scope="module")
def town(postgres: EmbeddedPostgres, template: dict[str, Any], worker: str) -> Iterator[Town]:
    settings = install(postgres, template, worker, log_level="ERROR").settings
    app = create_app(settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        assert app.state.backend.engine.wait(30)
        eventually(lambda: app.state.backend.knowledge.loaded, 30)
        yield Town(client, settings, template)
