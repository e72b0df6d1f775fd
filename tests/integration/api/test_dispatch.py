"""From intake to a queue through the shipped model: once each, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

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
from tests.conftest import ARTIFACT
from tests.integration.api.town import Town, web

LAMP = "북구 용봉동 전남대 후문 골목 가로등이 꺼져서 밤에 너무 어두워요. 고쳐 주세요"


@pytest.fixture(scope="module")
def dispatcher(town: Town, pack: CityPack) -> Iterator[Dispatcher]:
    database = Database(town.settings.database_url, WORKER, size=3)
    database.open()
    triage = Triage(pack, load_model(ARTIFACT, ""))
    yield Dispatcher(database, triage, pack, statutory_clock(pack))
    database.close()


def run(town: Town, statement: str) -> None:
    with psycopg.connect(town.settings.database_url) as conn:
        conn.execute(statement.encode())


def steps(town: Town, id: str) -> list[str]:
    rows = town.rows("SELECT action FROM case_events WHERE case_id = %s ORDER BY id", UUID(id))
    return [row[0] for row in rows]


def test_a_complaint_reaches_the_agency_that_must_act(town: Town, dispatcher: Dispatcher) -> None:
    id = town.file(web(LAMP)).json()["id"]
    assert dispatcher.drain() == 1
    shown = town.get(f"/v1/complaints/{id}", "channel").json()
    assert (shown["status"], shown["service"]) == ("routed", "streetlight")
    assert (shown["agency"], shown["department"]) == ("북구청", "시설지원과")
    assert shown["due_at"]
    assert shown["model_version"]
    assert 0 < shown["confidence"] <= 1
    assert len(shown["services"]) == 5
    assert steps(town, id) == ["receive", "route"]
    assert town.rows("SELECT count(*) FROM case_vectors WHERE case_id = %s", UUID(id)) == [(1,)]
    assert town.rows("SELECT count(*) FROM outbox WHERE topic = 'triage'") == [(0,)]
    assert dispatcher.drain() == 0


def test_a_menu_path_alone_is_enough(town: Town, dispatcher: Dispatcher) -> None:
    menu = {"session_id": "s", "menu_version": "1", "path": ["streets", "streetlight"]}
    body = {
        "channel": "visual_ars",
        "visual_ars": menu,
        "location": {"dong": "용봉동", "lat": 35.18, "lon": 126.9},
    }
    id = town.file(body).json()["id"]
    assert dispatcher.drain() == 1
    assert town.get(f"/v1/complaints/{id}", "channel").json()["service"] == "streetlight"


def test_who_lost_the_lease_writes_nothing(town: Town, dispatcher: Dispatcher) -> None:
    id = town.file(web(LAMP)).json()["id"]
    with dispatcher.database.transaction() as conn:
        stale = outbox.claim_fresh(conn, dispatch.TOPIC, 1)
    run(town, "UPDATE outbox SET lease_until = now() - interval '1 second'")
    with dispatcher.database.transaction() as conn:
        assert outbox.claim_again(conn, dispatch.TOPIC)
    assert dispatcher._place(stale) == 0
    assert town.state(id) == ("received", 1)
    run(town, "UPDATE outbox SET lease_until = now() - interval '1 second'")
    assert dispatcher.drain() == 1
    assert steps(town, id) == ["receive", "route"]


def test_what_failed_five_times_goes_to_a_person(
    town: Town, dispatcher: Dispatcher, pack: CityPack
) -> None:
    id = town.file(web(LAMP)).json()["id"]
    run(town, "UPDATE outbox SET attempts = 5")
    assert dispatcher.drain() == 0
    assert dispatch.bury_exhausted(dispatcher.database, pack, dispatcher.due_at) == 1
    assert town.state(id)[0] == "review"
    waiting = town.get("/v1/review", "triage").json()["items"]
    (case,) = [case for case in waiting if case["id"] == id]
    assert case["reasons"][0]["code"] == "triage_failed"
    assert case["due_at"]
    assert dispatch.requeue_orphans(dispatcher.database) == 0
    run(town, "DELETE FROM outbox")


def test_a_complaint_without_work_is_found(town: Town, dispatcher: Dispatcher) -> None:
    id = town.file(web(LAMP)).json()["id"]
    run(town, "DELETE FROM outbox")
    assert dispatch.requeue_orphans(dispatcher.database) == 0
    run(town, "UPDATE cases SET received_at = now() - interval '2 minutes'")
    assert dispatch.requeue_orphans(dispatcher.database) == 1
    assert dispatch.requeue_orphans(dispatcher.database) == 0
    assert dispatcher.drain() == 1
    assert town.state(id)[0] == "routed"


def test_a_case_withdrawn_before_triage_stays_so(town: Town, dispatcher: Dispatcher) -> None:
    id = town.file(web(LAMP)).json()["id"]
    assert town.act(id, "withdraw", "triage", 1, reason="취하").status_code == 200
    assert dispatcher.drain() == 0
    assert town.state(id) == ("closed", 2)
    assert town.rows("SELECT count(*) FROM outbox WHERE topic = 'triage'") == [(0,)]
