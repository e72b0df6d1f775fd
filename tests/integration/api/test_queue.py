"""The queue: every case on one page only, every case to one person only."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.database import API, WORKER, conninfo
from tests.integration.api.town import Town, at_once, hours


@pytest.fixture(scope="module")
def seogu(town: Town) -> list[str]:
    """Thirty cases of 서구청, among them many with the same due time."""
    place: dict[str, Any] = {"agency_id": "seogu", "department": "민원실"}
    return [
        id
        for number in range(10)
        for id in town.routed(3, due_at=hours(number // 4), urgency=number % 3, **place)
    ]


@pytest.mark.parametrize("limit", [1, 3, 7, 30, 200])
def test_pages_lose_and_repeat_nothing(limit: int, seogu: list[str], town: Town) -> None:
    found = town.pages("/v1/queue", "서구청", limit)
    cases = [case for page in found for case in page]
    assert sorted(case["id"] for case in cases) == sorted(seogu)
    assert all(len(page) == limit for page in found[:-1])
    keys = [(case["due_at"], case["urgency"] != "emergency", case["id"]) for case in cases]
    assert [key[0] for key in keys] == sorted(key[0] for key in keys)


def test_of_those_due_together_the_most_urgent_is_first(seogu: list[str], town: Town) -> None:
    (cases,) = town.pages("/v1/queue", "서구청", 200)
    order = {"emergency": 0, "high": 1, "normal": 2}
    keys = [(case["due_at"], order[case["urgency"]], case["id"]) for case in cases]
    assert keys == sorted(keys)


def test_a_case_that_arrives_between_two_pages_moves_nothing(town: Town) -> None:
    place: dict[str, Any] = {"agency_id": "namgu", "department": "민원실"}
    ids = [id for number in range(6) for id in town.routed(due_at=hours(number), **place)]
    first = town.get("/v1/queue", "남구청", limit=3).json()
    town.routed(due_at=hours(-1), **place)
    second = town.get("/v1/queue", "남구청", limit=3, cursor=first["next_cursor"]).json()
    assert [case["id"] for case in [*first["items"], *second["items"]]] == ids


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"department": "건설과"}, 2),
        ({"service": "road-damage"}, 2),
        ({"urgency": "emergency"}, 1),
        ({"state": "assigned"}, 1),
        ({"state": "routed,assigned"}, 4),
        ({"state": "resolved"}, 0),
        ({"overdue": True}, 3),
        ({"q": "포트홀"}, 2),
        ({"q": "없는 말"}, 0),
        ({"department": "건설과", "q": "포트홀", "urgency": "normal"}, 1),
        ({}, 4),
    ],
    ids=str,
)
def test_the_queue_is_narrowed_down(wanted: dict[str, Any], count: int, town: Town) -> None:
    items = town.get("/v1/queue", narrowed(town), **wanted).json()["items"]
    assert len(items) == count


def narrowed(town: Town) -> str:
    """재난안전상황실 with four cases, made once."""
    who = "재난안전상황실"
    if not town.get("/v1/queue", who).json()["items"]:
        here: dict[str, Any] = {"agency_id": "safety-control"}
        body = {"channel": "web", "web": {"title": "포트홀", "body": "도로가 파였어요"}}
        holes = [town.file(body).json()["id"] for _ in range(2)]
        road = {**here, "service": "road-damage", "department": "건설과"}
        town.place(holes[:1], **road)
        town.place(holes[1:], **road, urgency=0)
        (claimed,) = town.routed(department="상황실", **here)
        town.act(claimed, "assign", who, 2, assignee="team-1")
        town.routed(due_at="2999-01-01T00:00:00Z", department="상황실", **here)
    return who


def test_a_claim_takes_the_most_urgent_then_the_earliest_due(town: Town) -> None:
    place: dict[str, Any] = {"agency_id": "donggu", "department": "민원실"}
    (late,) = town.routed(due_at=hours(9), **place)
    (soon,) = town.routed(due_at=hours(1), **place)
    (urgent,) = town.routed(due_at=hours(99), urgency=0, **place)
    taken = town.post("/v1/queue:claim", "동구청", {"max": 2}).json()["items"]
    assert [case["id"] for case in taken] == [urgent, soon]
    assert {case["state"] for case in taken} == {"assigned"}
    assert {case["version"] for case in taken} == {3}
    assert taken[0]["assignee"].startswith("staff:")
    rest = town.post("/v1/queue:claim", "동구청", {}).json()["items"]
    assert [case["id"] for case in rest] == [late]
    assert town.post("/v1/queue:claim", "동구청", {"max": 5}).json() == {"items": []}


def test_a_claim_can_be_limited_to_a_department(town: Town) -> None:
    (lamp,) = town.routed(agency_id="bukgu", department="시설지원과")
    (hole,) = town.routed(agency_id="bukgu", department="건설과")
    body = {"max": 9, "department": "건설과"}
    taken = town.post("/v1/queue:claim", "북구청", body).json()["items"]
    assert [case["id"] for case in taken] == [hole]
    assert town.state(lamp)[0] == "routed"


@pytest.mark.parametrize("body", [{"max": 0}, {"max": 101}, {"max": "2"}, {"who": 1}, []], ids=str)
def test_a_claim_that_makes_no_sense_takes_nothing(body: Any, town: Town) -> None:
    assert town.post("/v1/queue:claim", "동구청", body).status_code == 422


def test_no_case_is_claimed_by_two(town: Town) -> None:
    place: dict[str, Any] = {"agency_id": "gwangsangu", "department": "민원실"}
    ids = town.routed(60, **place)
    for clerk in ("clerk 1", "clerk 2"):
        town.make_key(clerk, role="staff", agency_id="gwangsangu")
    whose = ["clerk 1", "clerk 2"] * 8
    answers = at_once(
        [lambda who=who: (who, town.post("/v1/queue:claim", who, {"max": 5})) for who in whose],
        threads=8,
    )
    taken = [(case["id"], who) for who, answer in answers for case in answer.json()["items"]]
    assert sorted(id for id, _ in taken) == sorted(ids)
    events = town.rows(
        "SELECT count(*) FROM case_events WHERE action = 'claim' AND case_id = ANY(%s)",
        [UUID(id) for id in ids],
    )
    assert events == [(60,)]
    for id, who in taken:
        assert (
            town.get(f"/v1/cases/{id}", who)
            .json()["assignee"]
            .endswith(town.key(who).split("_")[1])
        )


def test_of_fifty_writers_one_wins(town: Town) -> None:
    (id,) = town.routed()
    answers = at_once(
        [lambda n=n: town.act(id, "note", "북구청", 2, text=f"메모 {n}") for n in range(50)],
        threads=16,
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [412] * 49
    assert town.state(id) == ("routed", 3)
    notes = town.rows(
        "SELECT count(*) FROM case_events WHERE action = 'note' AND case_id = %s", UUID(id)
    )
    assert notes == [(1,)]


def test_a_row_that_someone_holds_is_busy_and_no_fault_of_ours(town: Town) -> None:
    (id,) = town.routed()
    with psycopg.connect(conninfo(town.settings.database_url, WORKER)) as holder:
        holder.execute("SELECT id FROM cases WHERE id = %s FOR UPDATE", (UUID(id),))
        answer = town.act(id, "note", "북구청", 2, text="메모")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert town.act(id, "note", "북구청", 2, text="메모").status_code == 200


def test_the_claim_is_read_from_its_index(town: Town) -> None:
    with psycopg.connect(conninfo(town.settings.database_url, API)) as conn:
        conn.execute("SET LOCAL enable_seqscan = off")
        conn.execute("SELECT set_config('minwon.scope', 'city', true)")
        rows = conn.execute(
            "EXPLAIN (FORMAT JSON) SELECT id FROM cases WHERE agency_id = 'bukgu'"
            " AND state = 'routed' ORDER BY urgency, due_at, id LIMIT 10"
        ).fetchall()
    assert "cases_to_claim" in json.dumps(rows)
