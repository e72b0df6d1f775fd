"""A long walk over the database: each step one version, one event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from services.cases import store
from services.cases.actions import perform
from services.cases.case import Case
from services.city import CityPack
from services.city import load as load_city
from tests.conftest import PACK, Installation
from tests.unit.cases.sample import MONDAY, a_case, order_for, situation


@pytest.fixture(scope="module")
def city() -> CityPack:
    return load_city(PACK)


@contextmanager
def stored(installation: Installation) -> Iterator[tuple[psycopg.Connection, Case]]:
    """A routed case in the database, gone again afterwards."""
    case = a_case()
    with psycopg.connect(installation.settings.database_url) as conn:
        conn.execute(
            "INSERT INTO interactions (id, client, channel, occurred_at, received_at)"
            " VALUES (%s, 'test', 'web', now(), now())",
            (case.interaction_id,),
        )
        conn.execute(
            "INSERT INTO cases (id, interaction_id, receipt_number, client, channel, state, text,"
            " service, kind, agency_id, department, occurred_at, received_at, due_at, updated_at)"
            " VALUES (%s, %s, %s, 'test', 'web', 'routed', '', 'streetlight', 'report', 'bukgu',"
            " '시설지원과', now(), now(), now(), now())",
            (case.id, case.interaction_id, case.receipt_number),
        )
        yield conn, store.find_case(conn, case.id)
        conn.rollback()


def test_a_long_walk_is_stored_one_version_at_a_time(
    installation: Installation, city: CityPack
) -> None:
    path = ["assign", "release", "assign", "start", "note", "supplement", "resume", "field-survey"]
    path += ["resume", "cooperate", "resume", "submit", "return", "submit", "approve", "reopen"]
    path += ["correct", "submit", "resolve"]
    with stored(installation) as (conn, case):
        for number, action in enumerate(path, start=2):
            at = situation(city, "staff", MONDAY + timedelta(hours=number))
            step = perform(case, action, order_for(action), at)
            assert store.save_step(conn, case, step, "staff:k1", action) == number
            with pytest.raises(store.StaleVersion):
                store.save_step(conn, case, step, "staff:k1", action)
            case = store.find_case(conn, case.id)
            assert replace(case, version=number - 1) == replace(step.case, version=number - 1)
        events = store.list_events(conn, case.id)
        assert [event.action for event in events] == path
        assert [event.from_state for event in events[1:]] == [e.to_state for e in events[:-1]]
        assert case.state == "resolved"
