"""The walls inside Postgres: they hold even if a route forgets to ask."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from services.database import API, conninfo
from tests.integration.api.town import Town, web


@pytest.fixture
def api(town: Town) -> Iterator[psycopg.Connection]:
    """A connection as the API has it, with no scope set yet."""
    with psycopg.connect(conninfo(town.settings.database_url, API)) as conn:
        yield conn


TABLES = ["cases", "interactions", "contacts", "case_events", "corrections", "case_vectors"]


def look(api: psycopg.Connection, table: str) -> int:
    rows = api.execute(f"SELECT count(*) FROM {table}".encode()).fetchall()  # noqa: S608
    return int(rows[0][0])


@pytest.mark.parametrize("table", TABLES)
def test_without_a_scope_no_row_is_there(table: str, town: Town, api: psycopg.Connection) -> None:
    contact = {"phone": "010-1234-5678"}
    id = town.file(web(contact=contact)).json()["id"]
    town.place([id], embedding="[1,0]")
    assert town.act(id, "correct", "북구청", 2, urgency="high").status_code == 200
    assert look(api, table) == 0
    api.execute("SELECT set_config('minwon.scope', 'anything', true)")
    assert look(api, table) == 0
    api.execute("SELECT set_config('minwon.scope', 'city', true)")
    assert look(api, table) > 0


def test_an_agencys_scope_shows_its_own_and_nothing_in_review(
    town: Town, api: psycopg.Connection
) -> None:
    town.routed(2)
    town.routed(2, state="review")
    town.routed(2, agency_id="seogu", department="민원실")
    api.execute("SELECT set_config('minwon.scope', 'agency', true)")
    api.execute("SELECT set_config('minwon.agency', 'bukgu', true)")
    seen = api.execute("SELECT DISTINCT agency_id, state = 'review' FROM cases").fetchall()
    assert seen == [("bukgu", False)]
    hidden = api.execute("UPDATE cases SET version = version WHERE agency_id = 'seogu'")
    assert hidden.rowcount == 0


def test_an_agencys_scope_gives_no_row_away(town: Town, api: psycopg.Connection) -> None:
    (id,) = town.routed()
    api.execute("SELECT set_config('minwon.scope', 'agency', true)")
    api.execute("SELECT set_config('minwon.agency', 'bukgu', true)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        api.execute("UPDATE cases SET agency_id = 'seogu' WHERE id = %s", (UUID(id),))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM cases",
        "UPDATE case_events SET actor = ''",
        "DELETE FROM case_events",
        "UPDATE api_keys SET role = 'admin'",
        "INSERT INTO api_keys (id, secret_sha256, role, client) VALUES ('x', '', 'admin', 'x')",
        "SELECT sealed FROM contacts; DELETE FROM contacts",
        "ALTER TABLE cases DISABLE ROW LEVEL SECURITY",
        "UPDATE outbox SET fence = 0",
    ],
)
def test_the_apis_role_may_not(statement: str, api: psycopg.Connection) -> None:
    api.execute("SELECT set_config('minwon.scope', 'city', true)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        api.execute(statement.encode())


def test_a_scope_ends_with_its_transaction(town: Town, api: psycopg.Connection) -> None:
    town.routed()
    api.execute("SELECT set_config('minwon.scope', 'city', true)")
    assert look(api, "cases") > 0
    api.commit()
    assert look(api, "cases") == 0
