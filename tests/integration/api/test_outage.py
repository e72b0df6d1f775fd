"""Without its database the service accepts nothing, says so, and comes back by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from starlette.testclient import TestClient

from services.api.app import create_app
from services.settings import Settings
from services.stack.postgres import EmbeddedPostgres
from tests.conftest import ARTIFACT, NO_REDIS, PACK
from tests.integration.api.town import Answer, Town, web

BACK_WITHIN_S = 40.0


@contextmanager
def shut(town: Town, postgres: EmbeddedPostgres) -> Iterator[None]:
    """The town's database takes no connections, and those that it had are cut."""
    name = urlsplit(town.settings.database_url).path.strip("/")
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        try:
            yield
        finally:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())


def is_outage(answer: Answer) -> bool:
    return (
        answer.status_code == 503
        and answer.json()["code"] == "unavailable"
        and int(answer.headers["Retry-After"]) > 0
    )


def test_a_complaint_is_not_accepted_in_an_outage_and_is_after_it(
    town: Town, postgres: EmbeddedPostgres
) -> None:
    assert town.file().status_code == 202
    with shut(town, postgres):
        assert is_outage(town.file(key="outage"))
        assert is_outage(town.get("/readyz", "triage"))
        assert town.client.get("/healthz").status_code == 200
    deadline = time.monotonic() + BACK_WITHIN_S
    while (answer := town.file(key="outage")).status_code != 202:
        assert is_outage(answer)
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert "Idempotency-Replayed" not in answer.headers
    assert town.client.get("/readyz").status_code == 200


@pytest.fixture(scope="module")
def stranded() -> Iterator[TestClient]:
    """An application whose database was never there."""
    nowhere = "postgresql:///minwon?host=/nonexistent"
    settings = Settings(
        nowhere, NO_REDIS, bytes(32), PACK, ARTIFACT, "", "CRITICAL", "file:///nowhere"
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/complaints"),
        ("GET", "/v1/queue"),
        ("GET", "/v1/track/20260801-0000001?code=1"),
        ("GET", "/metrics"),
    ],
)
def test_every_room_says_that_the_database_is_away(
    method: str, path: str, stranded: TestClient
) -> None:
    headers = {"Authorization": "Bearer mw_a_b", "Idempotency-Key": "k"}
    assert is_outage(stranded.request(method, path, headers=headers, json=web()))
