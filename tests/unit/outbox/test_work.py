"""Work is held under a lease and a fence: nobody finishes what is no longer theirs."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from services.outbox import store
from tests.conftest import Installation

TOPIC = "triage"


@pytest.fixture
def conn(installation: Installation) -> Iterator[psycopg.Connection]:
    with psycopg.connect(installation.settings.database_url, autocommit=True) as conn:
        yield conn


def put_work(conn: psycopg.Connection, count: int) -> list[UUID]:
    """So many received cases, each with a row in the outbox."""
    ids = [UUID(str(uuid7())) for _ in range(count)]
    for id in ids:
        conn.execute(
            "INSERT INTO interactions (id, client, channel, occurred_at, received_at)"
            " VALUES (%s, 'test', 'web', now(), now())",
            (id,),
        )
        conn.execute(
            "INSERT INTO cases (id, interaction_id, receipt_number, client, channel, state, text,"
            " occurred_at, received_at, updated_at)"
            " VALUES (%s, %s, %s, 'test', 'web', 'received', '', now(), now(), now())",
            (id, id, str(id)),
        )
        conn.execute("INSERT INTO outbox (topic, case_id) VALUES (%s, %s)", (TOPIC, id))
    return ids


def end_leases(conn: psycopg.Connection) -> None:
    conn.execute("UPDATE outbox SET lease_until = now() - interval '1 second'")


def test_a_claimed_row_is_nobody_elses_until_its_lease_ends(conn: psycopg.Connection) -> None:
    put_work(conn, 3)
    first = store.claim_fresh(conn, TOPIC, 2)
    second = store.claim_fresh(conn, TOPIC, 10)
    assert (len(first), len(second)) == (2, 1)
    assert store.claim_fresh(conn, TOPIC, 10) == []
    assert store.claim_again(conn, TOPIC) == []
    assert not {row.id for row in first} & {row.id for row in second}


def test_the_oldest_work_goes_first(conn: psycopg.Connection) -> None:
    ids = put_work(conn, 3)
    conn.execute("UPDATE outbox SET run_at = now() - interval '1 hour' WHERE case_id = %s", ids[2:])
    assert [row.case_id for row in store.claim_fresh(conn, TOPIC, 1)] == ids[2:]


def test_two_claimers_at_once_share_nothing(
    conn: psycopg.Connection, installation: Installation
) -> None:
    put_work(conn, 4)
    with psycopg.connect(installation.settings.database_url) as other:
        theirs = store.claim_fresh(other, TOPIC, 2)
        ours = store.claim_fresh(conn, TOPIC, 10)
    assert len(theirs) == len(ours) == 2
    assert not {row.id for row in theirs} & {row.id for row in ours}


def test_who_wakes_after_the_lease_finishes_nothing(conn: psycopg.Connection) -> None:
    (case_id,) = put_work(conn, 1)
    sleeper = store.claim_fresh(conn, TOPIC, 1)
    end_leases(conn)
    successor = store.claim_again(conn, TOPIC)
    assert successor[0].fence == sleeper[0].fence + 1
    assert store.extend_lease(conn, sleeper) == 0
    assert store.finish_work(conn, sleeper) == set()
    assert store.finish_work(conn, successor) == {case_id}
    assert store.finish_work(conn, successor) == set()


def test_a_lease_that_is_extended_holds(conn: psycopg.Connection) -> None:
    put_work(conn, 1)
    held = store.claim_fresh(conn, TOPIC, 1)
    conn.execute("UPDATE outbox SET lease_until = now() + interval '1 second'")
    assert store.extend_lease(conn, held) == 1
    left = conn.execute("SELECT lease_until - now() > interval '50 seconds' FROM outbox")
    assert left.fetchall() == [(True,)]


def test_work_that_failed_comes_back_alone(conn: psycopg.Connection) -> None:
    put_work(conn, 3)
    store.put_back_work(conn, store.claim_fresh(conn, TOPIC, 3), "ValueError", 0)
    assert store.claim_fresh(conn, TOPIC, 3) == []
    assert len(store.claim_again(conn, TOPIC)) == 1


def test_work_put_back_waits_for_its_time(conn: psycopg.Connection) -> None:
    put_work(conn, 1)
    store.put_back_work(conn, store.claim_fresh(conn, TOPIC, 1), "ValueError", 60)
    assert store.claim_again(conn, TOPIC) == []


def test_after_five_attempts_work_is_dead_and_says_why(conn: psycopg.Connection) -> None:
    (case_id,) = put_work(conn, 1)
    claimed = store.claim_fresh(conn, TOPIC, 1)
    while claimed:
        assert store.take_exhausted(conn, TOPIC) == []
        store.put_back_work(conn, claimed, "ValueError", 0)
        claimed = store.claim_again(conn, TOPIC)
    assert store.take_exhausted(conn, TOPIC) == [case_id]
    assert store.take_exhausted(conn, TOPIC) == []
    rows = conn.execute("SELECT attempts, last_error, dead_at IS NOT NULL FROM outbox").fetchall()
    assert rows == [(store.MAX_ATTEMPTS, "ValueError", True)]


def test_the_fifth_attempt_is_left_to_end_before_it_counts(conn: psycopg.Connection) -> None:
    put_work(conn, 1)
    conn.execute("UPDATE outbox SET attempts = %s", (store.MAX_ATTEMPTS - 1,))
    assert store.claim_again(conn, TOPIC)
    assert store.take_exhausted(conn, TOPIC) == []
    end_leases(conn)
    assert len(store.take_exhausted(conn, TOPIC)) == 1


def test_each_new_row_is_hinted_at_once(conn: psycopg.Connection) -> None:
    put_work(conn, 3)
    assert store.mark_hinted(conn, 2) == [TOPIC, TOPIC]
    assert store.mark_hinted(conn, 2) == [TOPIC]
    assert store.mark_hinted(conn, 2) == []


def test_what_nobody_holds_is_counted(conn: psycopg.Connection) -> None:
    put_work(conn, 3)
    store.claim_fresh(conn, TOPIC, 1)
    assert [(row.topic, row.due) for row in store.count_claimable(conn)] == [(TOPIC, 2)]


def test_two_beats_begin_a_job_once_in_a_period(conn: psycopg.Connection) -> None:
    year = 365.25 * 86_400
    assert store.begin_job(conn, "sweep", year)
    assert not store.begin_job(conn, "sweep", year)
    assert store.begin_job(conn, "forget", year)
