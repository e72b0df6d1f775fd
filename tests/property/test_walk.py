"""Whatever is done to a case, it stays in the table, in one hand, one version at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cases import store
from services.cases.actions import ACTIONS, perform
from services.cases.case import Case
from services.cases.states import MOVES, NAMES, STAY, IllegalTransition, stops_clock
from services.city import CityPack
from services.city import load as load_city
from services.errors import Forbidden, InvalidField
from tests.conftest import PACK, Installation
from tests.unit.cases.sample import MONDAY, a_case, order_for, situation

ROLES = ("staff", "triage", "supervisor", "admin", "channel")
steps = st.tuples(st.sampled_from(sorted(ACTIONS)), st.sampled_from(ROLES), st.integers(0, 5_000))
walks = st.lists(steps, max_size=40)
kinds = st.sampled_from(["other", "grievance", "query"])
HELD = {"assigned"}


@pytest.fixture(scope="module")
def city() -> CityPack:
    return load_city(PACK)


@settings(max_examples=120, derandomize=True, deadline=None, database=None)
@given(walk=walks, kind=kinds)
def test_no_walk_leaves_the_table(
    city: CityPack, walk: list[tuple[str, str, int]], kind: str
) -> None:
    case, now = a_case(petition_kind=kind), MONDAY
    for action, role, minutes in walk:
        now += timedelta(minutes=minutes)
        try:
            step = perform(case, action, order_for(action), situation(city, role, now))
        except IllegalTransition:
            assert case.state not in MOVES[action].sources or action == "resolve"
            continue
        except (Forbidden, InvalidField):
            continue
        _assert_in_table(case, step.case, action)
        case = step.case


def _assert_in_table(before: Case, after: Case, action: str) -> None:
    allowed = MOVES[action]
    assert before.state in allowed.sources
    assert after.state in [before.state if to == STAY else to for to in allowed.to]
    assert after.state in NAMES
    assert after.bounces - before.bounces == (action == "reroute")
    assert (after.state == "arbitration") <= (after.bounces >= 2)
    if after.state in HELD:
        assert after.assignee
    if after.state in ("routed", "reroute_requested", "arbitration", "transferred_out"):
        assert after.assignee is None
    assert (after.paused_since is not None) == stops_clock(after.state, after.petition_kind)
    assert before.due_at is None or after.due_at is not None
    assert (after.resolved_at is not None) >= (after.state == "resolved")


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
