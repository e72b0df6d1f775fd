"""The rarer steps over HTTP: waits, other units, more time, merges, ends, four eyes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tests.integration.api.town import Town, at_once


def begun(town: Town, **changes: Any) -> str:
    """A case in progress at version 4."""
    (id,) = town.routed(**changes)
    town.act(id, "assign", "북구청", 2, assignee="team-1")
    assert town.act(id, "start", "북구청", 3).status_code == 200
    return id


def test_a_refusal_gives_its_reason_and_remedy_and_names_the_officer(town: Town) -> None:
    id = begun(town)
    refusal = {"reply": "설치 기준에 맞지 않습니다", "outcome": "not_accepted"}
    for missing, order in (
        ("/reason", refusal),
        ("/remedy", {**refusal, "reason": "기준 미달"}),
    ):
        answer = town.act(id, "submit", "북구청", 4, **order)
        assert (answer.status_code, answer.json()["pointer"]) == (422, missing)
    order = {**refusal, "reason": "기준 미달", "remedy": "이의신청", "officer": "가로등팀장"}
    assert town.act(id, "submit", "북구청", 4, **order).status_code == 200
    done = town.act(id, "approve", "북구청", 5).json()
    assert (done["remedy"], done["officer"]) == ("이의신청", "가로등팀장")


def test_fifty_writers_with_one_version_and_one_is_heard(town: Town) -> None:
    id = begun(town)
    answers = at_once([lambda: town.act(id, "note", "북구청", 4, text="메모")] * 50, 16)
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [412] * 49
    assert town.state(id)[1] == 5


def test_merges_that_cross_do_not_block_and_make_no_circle(town: Town) -> None:
    for _ in range(5):
        one, two = town.routed(2)
        pair = ((one, two), (two, one))
        answers = at_once(
            [lambda a=a, b=b: town.act(a, "merge", "북구청", "*", into=b) for a, b in pair], 2
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        parents = town.rows(
            "SELECT parent_id FROM cases WHERE id IN (%s, %s)", UUID(one), UUID(two)
        )
        assert sorted(row[0] is None for row in parents) == [False, True]


def test_a_case_is_claimed_or_withdrawn_never_both(town: Town) -> None:
    town.post("/v1/queue:claim", "북구청", {"max": 100})
    for _ in range(5):
        (id,) = town.routed()
        order, headers = {"reason": "취하"}, {"If-Match": '"2"'}
        calls: list[tuple[str, Any, dict[str, str]]] = [
            ("/v1/queue:claim", {}, {}),
            (f"/v1/cases/{id}/withdraw", order, headers),
        ]
        claimed, withdrawn = at_once(
            [partial(town.post, path, "북구청", body, more) for path, body, more in calls], 2
        )
        assert (len(claimed.json()["items"]), withdrawn.status_code) in ((1, 412), (0, 200))


def test_a_merged_case_goes_where_its_parent_goes_and_ends_with_it(town: Town) -> None:
    parent, child = begun(town), town.routed()[0]
    merged = town.act(child, "merge", "북구청", 2, into=parent).json()
    assert (merged["state"], merged["parent_id"]) == ("in_progress", parent)
    refused = town.act(child, "submit", "북구청", 3, reply="답", outcome="accepted")
    assert refused.status_code == 409
    town.act(parent, "submit", "북구청", 5, reply="고쳤습니다", outcome="accepted")
    assert town.act(parent, "approve", "북구청", 6).status_code == 200
    shown = town.get(f"/v1/cases/{child}", "북구청").json()
    assert (shown["state"], shown["reply"]) == ("resolved", "고쳤습니다")
    told = town.get(f"/v1/cases/{child}/events", "북구청").json()["items"]
    assert [event["action"] for event in told][2:] == ["merge", "submit", "approve"]


def test_who_withdraws_sets_the_merged_free(town: Town) -> None:
    parent, child = begun(town), town.routed()[0]
    town.act(child, "merge", "북구청", 2, into=parent)
    assert town.act(parent, "withdraw", "북구청", 5, reason="취하").status_code == 200
    shown = town.get(f"/v1/cases/{child}", "북구청").json()
    assert (shown["state"], shown["parent_id"]) == ("in_progress", None)
    assert town.act(child, "submit", "북구청", "*", reply="답", outcome="partly").status_code == 200


def test_a_case_does_not_merge_into_what_is_not_there(town: Town) -> None:
    (id,) = town.routed()
    (hidden,) = town.routed(agency_id="seogu", department=None)
    for into in (hidden, "20200101-0000001", "nothing", id):
        answer = town.act(id, "merge", "북구청", 2, into=into)
        assert (answer.status_code, answer.json()["pointer"]) == (422, "/into")


def test_a_period_is_extended_once_and_again_with_consent(town: Town) -> None:
    due = datetime.now(UTC) + timedelta(days=1)
    id = begun(town, petition_kind="query", due_at=due.isoformat())
    order = {"reason": "현장 확인", "until": (due + timedelta(days=3)).isoformat()}
    first = town.act(id, "extend", "북구청", 4, **order)
    assert (first.status_code, first.json()["extensions"]) == (200, 1)
    again = {"reason": "자료 대기", "until": (due + timedelta(days=5)).isoformat()}
    refused = town.act(id, "extend", "북구청", 5, **again)
    assert (refused.status_code, refused.json()["pointer"]) == (422, "/consent")
    too_far = {**again, "consent": True, "until": (due + timedelta(days=60)).isoformat()}
    assert town.act(id, "extend", "북구청", 5, **too_far).status_code == 422
    assert town.act(id, "extend", "북구청", 5, **again, consent=True).status_code == 200
    last = {**again, "until": (due + timedelta(days=6)).isoformat(), "consent": True}
    assert town.act(id, "extend", "북구청", 6, **last).status_code == 409


def test_a_person_ends_a_repeated_petition_with_a_word(town: Town) -> None:
    id = begun(town)
    order = {"reason": "repeat", "text": "같은 내용으로 두 번 회신함"}
    closed = town.act(id, "close", "북구청", 4, **order).json()
    assert (closed["state"], closed["close_reason"]) == ("closed", "repeat")
    again = town.act(id, "reopen", "북구청", 5, reason="다른 내용임").json()
    assert (again["state"], again["close_reason"]) == ("in_progress", None)


def test_what_was_arbitrated_is_not_sent_back_again(town: Town) -> None:
    (id,) = town.routed()
    to = {"service": "streetlight", "agency": "북구청"}
    town.act(id, "reroute", "북구청", 2, reason="소관 아님")
    town.post(f"/v1/review/{id}/decide", "triage", to)
    town.act(id, "reroute", "북구청", 4, reason="소관 아님")
    bound = town.post(f"/v1/review/{id}/decide", "supervisor", to).json()
    assert bound["bound"] is True
    assert town.act(id, "reroute", "북구청", 6, reason="소관 아님").status_code == 409
    assert town.act(id, "reroute", "supervisor", 6, reason="재검토").status_code == 200
