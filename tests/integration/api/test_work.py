"""A case through its life over HTTP: versions, events, labels, bounces, the desk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.integration.api.town import Town


def events(town: Town, id: str, who: str = "북구청") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = town.get(f"/v1/cases/{id}/events", who).json()["items"]
    return items


def test_a_case_is_worked_on_and_resolved(town: Town) -> None:
    (id,) = town.routed()
    (taken,) = town.post("/v1/queue:claim", "북구청", {}).json()["items"]
    assert taken["id"] == id
    version = taken["version"]
    for action, order in [
        ("start", {}),
        ("note", {"text": "현장 확인, 010-1234-5678로 연락"}),
        ("submit", {"reply": "고쳤습니다", "outcome": "accepted"}),
        ("return", {"reason": "사진을 붙여 주세요"}),
        ("submit", {"reply": "고쳤습니다. 사진 첨부", "outcome": "accepted"}),
        ("resolve", {}),
    ]:
        answer = town.act(id, action, "북구청", version, **order)
        assert answer.status_code == 200, answer.text
        version += 1
        assert answer.json()["version"] == version
        assert answer.headers["ETag"] == f'"{version}"'
    shown = town.get(f"/v1/cases/{id}", "북구청")
    assert shown.headers["ETag"] == f'"{version}"'
    assert (shown.json()["state"], shown.json()["outcome"]) == ("resolved", "accepted")
    assert shown.json()["reply"] == "고쳤습니다. 사진 첨부"
    assert shown.json()["resolved_at"]


def test_every_step_writes_an_event_that_says_who_and_what(town: Town) -> None:
    (id,) = town.routed()
    town.act(id, "assign", "북구청", 2, assignee="team-1")
    town.act(id, "start", "북구청", 3)
    town.act(id, "note", "북구청", 4, text="010-1234-5678로 연락")
    found = events(town, id)
    assert [(event["action"], event["from_state"], event["to_state"]) for event in found] == [
        ("receive", None, "received"),
        ("route", "received", "routed"),
        ("assign", "routed", "assigned"),
        ("start", "assigned", "in_progress"),
        ("note", "in_progress", "in_progress"),
    ]
    assert found[1]["actor"] == "system"
    assert found[2]["actor"] == "staff:" + town.key("북구청").split("_")[1]
    assert found[4]["data"] == {"text": "[전화번호]로 연락"}
    assert [event["at"] for event in found] == sorted(event["at"] for event in found)


def test_a_write_needs_the_version_it_was_made_for(town: Town) -> None:
    (id,) = town.routed()
    missing = town.post(f"/v1/cases/{id}/note", "북구청", {"text": "메모"})
    assert (missing.status_code, missing.json()["code"]) == (428, "precondition_required")
    for stale in ('"1"', '"3"', "3", 'W/"2"', '""', "x" * 500):
        answer = town.post(f"/v1/cases/{id}/note", "북구청", {"text": "메모"}, {"If-Match": stale})
        assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")
    assert town.state(id) == ("routed", 2)
    assert town.act(id, "note", "북구청", 2, text="메모").status_code == 200
    for number, tag in enumerate(("*", "4", '"4", "5"'), 4):
        answer = town.post(f"/v1/cases/{id}/note", "북구청", {"text": "메모"}, {"If-Match": tag})
        assert answer.json()["version"] == number


def test_what_the_table_does_not_have_is_a_conflict(town: Town) -> None:
    (id,) = town.routed()
    for action in ("start", "resume", "release", "approve", "reopen"):
        order = {"reason": "착오"} if action == "reopen" else {}
        answer = town.act(id, action, "북구청", 2, **order)
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    for action in ("finish", "delete", "claim", "decide", "route"):
        answer = town.act(id, action, "북구청", 2)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_action")
    assert town.state(id) == ("routed", 2)


def test_a_role_takes_its_own_actions_only(town: Town) -> None:
    (id,) = town.routed()
    assert town.act(id, "transfer-out", "북구청", 2, reason="이송").status_code == 403
    assert town.act(id, "reroute", "triage", 2, reason="소관").status_code == 403
    assert town.act(id, "correct", "supervisor", 2, urgency="high").status_code == 403
    assert town.state(id) == ("routed", 2)


def test_a_correction_is_kept_as_a_training_label(town: Town) -> None:
    (id,) = town.routed()
    order = {"service": "park-green", "kind": "report", "urgency": "high"}
    corrected = town.act(id, "correct", "북구청", 2, **order).json()
    assert (corrected["service"], corrected["urgency"]) == ("park-green", "high")
    labels = town.rows(
        "SELECT field, before, after, model_version, actor FROM corrections"
        " WHERE case_id = %s ORDER BY id",
        UUID(id),
    )
    actor = "staff:" + town.key("북구청").split("_")[1]
    assert labels == [
        ("service", "streetlight", "park-green", "test", actor),
        ("urgency", "normal", "high", "test", actor),
    ]
    assert events(town, id)[-1]["data"]["service"] == {
        "before": "streetlight",
        "after": "park-green",
    }


def test_a_supplement_holds_the_clock_and_resuming_lets_it_run(town: Town) -> None:
    (id,) = town.routed()
    town.act(id, "assign", "북구청", 2, assignee="team-1")
    town.act(id, "start", "북구청", 3)
    town.act(id, "supplement", "북구청", 4, text="위치를 알려 주세요")
    assert town.rows("SELECT paused_since IS NOT NULL FROM cases WHERE id = %s", UUID(id)) == [
        (True,)
    ]
    assert town.act(id, "resume", "북구청", 5).json()["state"] == "in_progress"
    paused = town.rows(
        "SELECT paused_since IS NULL, cardinality(pauses) FROM cases WHERE id = %s", UUID(id)
    )
    assert paused == [(True, 1)]


def test_the_second_bounce_is_decided_by_a_supervisor(town: Town) -> None:
    (id,) = town.routed()
    first = town.act(id, "reroute", "북구청", 2, reason="소관 아님", suggested_agency="서구청")
    assert (first.json()["state"], first.json()["bounces"]) == ("reroute_requested", 1)
    waiting = {case["id"] for case in town.get("/v1/review", "triage", limit=200).json()["items"]}
    assert id in waiting
    there = {"service": "streetlight", "agency": "서구청"}
    decided = town.post(f"/v1/review/{id}/decide", "triage", there)
    assert (decided.json()["state"], decided.json()["agency"]) == ("routed", "서구청")
    assert town.get(f"/v1/cases/{id}", "북구청").status_code == 404
    second = town.act(id, "reroute", "서구청", 4, reason="여기도 아님")
    assert (second.json()["state"], second.json()["bounces"]) == ("arbitration", 2)
    back = {"service": "streetlight", "agency": "북구청"}
    assert town.post(f"/v1/review/{id}/decide", "triage", back).status_code == 403
    bound = town.post(f"/v1/review/{id}/decide", "supervisor", back)
    assert (bound.json()["state"], bound.json()["department"]) == ("routed", "시설지원과")
    assert [event["action"] for event in events(town, id)][2:] == [
        "reroute",
        "decide",
        "reroute",
        "arbitrate",
    ]


def test_an_agencys_supervisor_keeps_a_case_but_gives_none_away(town: Town) -> None:
    town.make_key("bukgu lead", role="supervisor", agency_id="bukgu")
    (id,) = town.routed()
    town.act(id, "reroute", "북구청", 2, reason="소관 아님")
    away = {"service": "streetlight", "agency": "서구청"}
    assert town.post(f"/v1/review/{id}/decide", "bukgu lead", away).status_code == 403
    assert town.state(id) == ("reroute_requested", 3)
    kept = {"service": "streetlight", "agency": "북구청"}
    assert town.post(f"/v1/review/{id}/decide", "bukgu lead", kept).status_code == 200


def test_the_desk_sees_the_likeliest_services_by_name_and_decides(town: Town) -> None:
    (id,) = town.routed(state="review", decision="review", agency_id=None, department=None)
    found = {
        case["id"]: case for case in town.get("/v1/review", "triage", limit=200).json()["items"]
    }
    top = found[id]["top"]
    assert [item["service"] for item in top] == ["streetlight", "park-green", "noise"]
    assert all(item["name"] and item["probability"] for item in top)
    order = {"service": "streetlight", "agency": "북구청", "department": "시설지원과"}
    decided = town.post(f"/v1/review/{id}/decide", "triage", order, {"If-Match": '"2"'})
    assert decided.status_code == 200
    assert decided.headers["ETag"] == '"3"'
    again = town.post(f"/v1/review/{id}/decide", "triage", order)
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    labels = town.rows("SELECT field, after FROM corrections WHERE case_id = %s", UUID(id))
    assert labels == [("agency", "bukgu")]


@pytest.mark.parametrize(
    ("order", "pointer"),
    [
        ({"service": "no-such", "agency": "북구청"}, "/service"),
        ({"service": "streetlight", "agency": "없는구청"}, "/agency"),
        ({"service": "streetlight", "agency": "119"}, "/agency"),
        ({"service": "streetlight", "agency": "북구청", "department": "없는과"}, "/department"),
        ({"agency": "북구청"}, "/service"),
    ],
)
def test_a_decision_fits_the_city(order: dict[str, str], pointer: str, town: Town) -> None:
    (id,) = town.routed(state="review")
    answer = town.post(f"/v1/review/{id}/decide", "triage", order)
    assert (answer.status_code, answer.json()["pointer"]) == (422, pointer)
    assert town.state(id) == ("review", 2)


def test_what_belongs_elsewhere_is_sent_there(town: Town) -> None:
    (id,) = town.routed(state="review", agency_id="metro-corporation", department=None)
    sent = town.act(id, "transfer-out", "triage", 2, reason="도시철도 소관")
    assert (sent.json()["state"], sent.json()["agency"]) == ("transferred_out", "광주교통공사")
    assert town.act(id, "note", "triage", 3, text="메모").status_code == 409


def test_the_desk_pages_by_urgency_then_age(town: Town) -> None:
    town.routed(3, state="review", urgency=1)
    found = [case for page in town.pages("/v1/review", "triage", 2) for case in page]
    ids = [case["id"] for case in found]
    assert len(ids) == len(set(ids))
    waiting = town.rows(
        "SELECT count(*) FROM cases WHERE state IN ('review', 'reroute_requested', 'arbitration')"
    )
    assert waiting == [(len(ids),)]
    order = {"emergency": 0, "high": 1, "normal": 2}
    keys = [(order[case["urgency"]], case["received_at"]) for case in found]
    assert keys == sorted(keys)


def test_every_step_leaves_work_for_the_notices(town: Town) -> None:
    """The receipt and the routing share the row that their batch wrote; then one a step."""
    waiting = "SELECT count(*) FROM outbox WHERE topic = 'notice' AND case_id = %s"
    (id,) = town.routed()
    assert town.rows(waiting, UUID(id)) == [(1,)]
    (taken,) = town.post("/v1/queue:claim", "북구청", {}).json()["items"]
    assert town.rows(waiting, UUID(taken["id"]))[0][0] >= 2
    town.act(id, "note", "북구청", "*", text="메모")
    assert town.rows(waiting, UUID(id))[0][0] >= 2
