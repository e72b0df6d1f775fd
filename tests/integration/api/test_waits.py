"""What a case waits for ends: by an answer, by a unit, by time; and what speaks for an end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from services.cases import citizen, orders, sweeping
from services.cases.deadline import statutory_clock
from services.cases.situation import CITIZEN, SYSTEM, Situation
from services.city import CityPack
from services.database import WORKER, Database, Scope
from tests.integration.api.test_steps import begun
from tests.integration.api.town import Town, web


@pytest.fixture(scope="module")
def worker_database(town: Town) -> Iterator[Database]:
    database = Database(town.settings.database_url, WORKER, size=2)
    database.open()
    yield database
    database.close()


def run(town: Town, statement: str, id: str) -> None:
    with psycopg.connect(town.settings.database_url) as conn:
        conn.execute(statement.encode(), (UUID(id),))


def situation(pack: CityPack) -> Situation:
    return Situation(SYSTEM, datetime.now(UTC), pack, statutory_clock(pack))


def test_another_unit_answers_and_the_case_goes_on(town: Town) -> None:
    id = begun(town)
    order = {"text": "설치 기준을 알려 주세요", "department": "건설과"}
    assert town.act(id, "cooperate", "북구청", 4, **order).json()["state"] == "cooperation"
    there = {"text": order["text"], "agency": "서구청"}
    assert town.act(id, "cooperate", "북구청", 5, **there).json()["state"] == "cooperation"
    asked = town.get("/v1/cooperations", "북구청").json()["items"]
    theirs = town.get("/v1/cooperations", "서구청").json()["items"]
    assert [item["department"] for item in (*asked, *theirs)] == ["건설과", "민원실"]
    assert town.get(f"/v1/cases/{id}", "서구청").status_code == 404
    path = f"/v1/cooperations/{asked[0]['id']}/answer"
    assert town.post(path, "서구청", {"text": "남의 것"}).status_code in (404, 409)
    assert town.post(path, "북구청", {"text": "높이 8미터"}).status_code == 200
    assert town.state(id)[0] == "cooperation"
    assert town.post(path, "북구청", {"text": "다시"}).status_code == 409
    last = town.post(f"/v1/cooperations/{theirs[0]['id']}/answer", "서구청", {"text": "9미터"})
    assert last.json()["answer"] == "9미터"
    assert town.state(id)[0] == "in_progress"
    assert town.get("/v1/cooperations", "서구청").json()["items"] == []


def test_waits_end_by_themselves(town: Town, worker_database: Database, pack: CityPack) -> None:
    ids = [begun(town), begun(town)]
    town.act(ids[0], "supplement", "북구청", 4, text="위치를 알려 주세요")
    town.act(ids[1], "field-survey", "북구청", 4)
    assert sweeping.end_waits(worker_database, pack, statutory_clock(pack)) == 0
    for id in ids:
        run(town, "UPDATE cases SET waits_until = now() - interval '1 hour' WHERE id = %s", id)
    assert sweeping.end_waits(worker_database, pack, statutory_clock(pack)) == 2
    for id in ids:
        assert town.state(id)[0] == "in_progress"
        told = town.get(f"/v1/cases/{id}/events", "북구청").json()["items"][-1]
        assert (told["actor"], told["data"]) == ("system", {"time_limit": True})


def test_a_case_without_a_period_goes_on_and_no_paused_one_is_overdue(town: Town) -> None:
    id = begun(town, petition_kind="statutory", due_at="2026-01-05T09:00:00Z", service="graffiti")

    def overdue() -> list[str]:
        found = town.get("/v1/queue", "북구청", overdue=True, service="graffiti").json()
        return [case["id"] for case in found["items"]]

    assert overdue() == [id]
    town.act(id, "supplement", "북구청", 4, text="위치를 알려 주세요")
    assert overdue() == []
    back = town.act(id, "resume", "북구청", 5)
    assert (back.status_code, back.json()["state"]) == (200, "in_progress")
    assert overdue() == [id]
    kind = town.act(id, "correct", "북구청", 6, petition_kind="grievance").json()
    assert kind["due_at"] > "2026-01-05T09:00:00Z"
    told = town.get(f"/v1/cases/{id}/events", "북구청").json()["items"][-1]
    assert told["data"]["petition_kind"] == {"before": "statutory", "after": "grievance"}


def test_a_survey_lasts_seven_days_longer_once(town: Town) -> None:
    id = begun(town)
    first = town.act(id, "field-survey", "북구청", 4).json()["waits_until"]
    longer = town.act(id, "field-survey", "북구청", 5).json()["waits_until"]
    assert (datetime.fromisoformat(longer) - datetime.fromisoformat(first)).days == 7
    assert town.act(id, "field-survey", "북구청", 6).status_code == 409


def test_the_citizen_answers_and_withdraws(town: Town, pack: CityPack) -> None:
    id = begun(town)
    town.act(id, "supplement", "북구청", 4, text="위치를 알려 주세요")
    receipt = town.get(f"/v1/cases/{id}", "북구청").json()["receipt_number"]
    database = Database(town.settings.database_url, "minwon_api", size=1)
    database.open()
    scope, at = Scope("citizen", receipt=receipt), situation(pack)
    with database.transaction(scope) as conn:
        case = citizen.answer_supplement(conn, UUID(id), orders.Note(text="정문 옆입니다"), at)
        assert (case.state, case.paused_since) == ("in_progress", None)
        more = citizen.answer_supplement(conn, UUID(id), orders.Note(text="두 개입니다"), at)
        assert more.state == "in_progress"
        gone = citizen.withdraw(conn, UUID(id), orders.Reason(reason="해결됨"), at)
        assert gone.close_reason == "withdrawn"
    database.close()
    told = town.get(f"/v1/cases/{id}/events", "북구청").json()["items"]
    assert [event["action"] for event in told][-3:] == ["answer-supplement", "add", "withdraw"]
    assert {event["actor"] for event in told[-3:]} == {CITIZEN.role}


def test_an_answered_case_without_a_contact_closes_and_others_with_their_notice(
    town: Town, worker_database: Database, pack: CityPack
) -> None:
    contact = {"phone": "010-1234-5678", "reply_by": "sms"}
    told = town.file(web(contact=contact)).json()["id"]
    town.place([told])
    alone = begun(town)
    for id in (told, alone):
        run(town, "UPDATE cases SET state = 'approval', reply = 'a', outcome = 'partly'"
            " WHERE id = %s", id)  # fmt: skip
        assert town.act(id, "approve", "북구청", "*").json()["state"] == "resolved"
    assert sweeping.close_answered(worker_database, pack, statutory_clock(pack)) == 1
    assert (town.state(alone)[0], town.state(told)[0]) == ("closed", "resolved")
    with worker_database.transaction() as conn:
        assert sweeping.close_delivered(conn, UUID(told), situation(pack))
        assert not sweeping.close_delivered(conn, UUID(told), situation(pack))
    assert town.state(told)[0] == "closed"


def test_a_third_petition_after_two_notices_is_proposed_as_a_repeat(
    town: Town, worker_database: Database, pack: CityPack
) -> None:
    vector = "[" + ",".join(["1"] * 8) + "]"
    contact = {"phone": "010-9999-0000", "reply_by": "sms"}
    ids = [town.file(web(contact=contact)).json()["id"] for _ in range(3)]
    town.place(ids, embedding=vector, dong="용봉동")
    others = town.routed(3, embedding=vector) + town.routed(embedding=vector, dong="용봉동")
    town.routed(embedding=vector, dong="오치동")
    path = f"/v1/cases/{ids[2]}/proposals"
    found = town.get(path, "북구청").json()["items"]
    (looked,) = town.rows("SELECT data FROM audit_log WHERE action = 'read_proposals'")
    assert set(looked[0]["cases"]) == set(others)
    assert [(item["kind"], item["people"]) for item in found] == [("merge", 5)]
    assert {one["id"] for one in found[0]["evidence"]} == set(others)
    for id in ids[:2]:
        run(town, "UPDATE cases SET state = 'resolved', resolved_at = now() WHERE id = %s", id)
        with worker_database.transaction() as conn:
            sweeping.close_delivered(conn, UUID(id), situation(pack))
    kinds = {item["kind"]: item for item in town.get(path, "북구청").json()["items"]}
    assert kinds.keys() == {"merge", "repeat"}
    assert kinds["repeat"]["notices"] == 2
    assert {one["id"] for one in kinds["repeat"]["evidence"]} == set(ids[:2])
    assert town.state(ids[2])[0] == "routed"
