"""Leases, fences, attempts: a stuck worker overwrites nothing, poison ends in review."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from models.engine import load as load_model
from services.cases import dispatch
from services.cases.deadline import statutory_clock
from services.cases.dispatch import Dispatcher
from services.city import CityPack
from services.database import WORKER, Database
from services.outbox import store as outbox
from services.triage.triage import Triage
from tests.conftest import ARTIFACT, Installation
from tests.faults.site import Site, opened


@pytest.fixture
def site(installation: Installation) -> Iterator[Site]:
    with opened(installation) as running:
        yield running


@pytest.fixture
def dispatcher(installation: Installation, pack: CityPack) -> Iterator[Dispatcher]:
    database = Database(installation.settings.database_url, WORKER)
    database.open()
    triage = Triage(pack, load_model(ARTIFACT))
    yield Dispatcher(database, triage, pack, statutory_clock(pack))
    database.close()


def claim(dispatcher: Dispatcher) -> list[outbox.Work]:
    with dispatcher.database.transaction() as conn:
        return outbox.claim_fresh(conn, dispatch.TOPIC, 100)


def let_leases_end(site: Site) -> None:
    with psycopg.connect(site.installation.settings.database_url) as conn:
        conn.execute("UPDATE outbox SET lease_until = now() - interval '1 second'")


def test_a_worker_that_wakes_after_its_lease_writes_nothing(
    site: Site, dispatcher: Dispatcher
) -> None:
    site.file(5)
    stuck = claim(dispatcher)
    let_leases_end(site)
    assert dispatcher.drain() == 5
    assert dispatcher._place(stuck) == 0
    assert site.triaged_once()


def test_a_lease_that_still_runs_keeps_others_away(site: Site, dispatcher: Dispatcher) -> None:
    site.file(5)
    held = claim(dispatcher)
    assert (len(held), claim(dispatcher), dispatcher.drain()) == (5, [], 0)


def test_work_that_failed_is_tried_again_alone(site: Site, dispatcher: Dispatcher) -> None:
    site.file(5)
    claim(dispatcher)
    let_leases_end(site)
    assert claim(dispatcher) == []
    with dispatcher.database.transaction() as conn:
        assert len(outbox.claim_again(conn, dispatch.TOPIC)) == 1


def test_a_complaint_that_fails_five_times_ends_in_review(
    site: Site, dispatcher: Dispatcher
) -> None:
    site.file(1)
    for _ in range(outbox.MAX_ATTEMPTS):
        with dispatcher.database.transaction() as conn:
            work = outbox.claim_fresh(conn, dispatch.TOPIC, 1) or outbox.claim_again(
                conn, dispatch.TOPIC
            )
            outbox.put_back_work(conn, work, "Poison", 0)
    site.file(3)
    assert dispatcher.drain() == 3
    assert dispatch.bury_exhausted(dispatcher.database, dispatcher.pack, dispatcher.due_at) == 1
    poisoned = 'FROM cases WHERE reasons @> \'[{"code": "triage_failed"}]\''
    assert site.ask(f"SELECT state {poisoned}") == "review"
    assert site.ask(f"SELECT due_at > received_at {poisoned}") is True
    assert site.ask("SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL") == 1


def test_a_received_complaint_without_work_gets_it_back(site: Site, dispatcher: Dispatcher) -> None:
    site.file(2)
    with psycopg.connect(site.installation.settings.database_url) as conn:
        conn.execute("DELETE FROM outbox")
        conn.execute("UPDATE cases SET received_at = now() - interval '2 minutes'")
    assert dispatch.requeue_orphans(dispatcher.database) == 2
    assert dispatcher.drain() == 2
