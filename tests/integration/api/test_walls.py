"""Keys and walls: who gets in, and what each agency, desk and channel can see or touch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.access import store as keys
from services.api.routes.cases import ELSEWHERE, WITHIN
from services.cases.actions import ACTIONS as ACTIONS_OF_CASES
from services.database import WORKER, conninfo
from tests.integration.api.town import Town
from tests.unit.cases.sample import order_for

READS = [
    f"/v1/cases/{{id}}{what}"
    for what in ("", "/events", "/similar", "/contact", "/proposals", "/attachments")
]
ACTIONS = sorted(ACTIONS_OF_CASES.keys() - ELSEWHERE - WITHIN)
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/complaints"),
        ("POST", "/v1/complaints:batch"),
        ("GET", f"/v1/complaints/{NOBODY}"),
        ("GET", "/v1/queue"),
        ("POST", "/v1/queue:claim"),
        ("GET", f"/v1/cases/{NOBODY}"),
        ("GET", f"/v1/cases/{NOBODY}/events"),
        ("GET", f"/v1/cases/{NOBODY}/similar"),
        ("POST", f"/v1/cases/{NOBODY}/start"),
        ("GET", "/v1/review"),
        ("POST", f"/v1/review/{NOBODY}/decide"),
        ("GET", "/v1/metrics/summary"),
    ],
)
def test_without_a_valid_key_nobody_gets_in(method: str, path: str, town: Town) -> None:
    expired = datetime.now(UTC) - timedelta(seconds=1)
    dead = town.make_key("expired", role="triage", expires_at=expired)
    gone = town.make_key("revoked", role="triage")
    with psycopg.connect(town.settings.database_url) as conn:
        keys.revoke_key(conn, gone.split("_")[1])
    good = town.key("triage")
    tried = ["", "Bearer", "Bearer x", f"Bearer {good}x", f"Basic {good}", good]
    tried += [f"Bearer {dead}", f"Bearer {gone}"]
    answers = [
        town.client.request(method, path, headers={"Authorization": value}, json={})
        for value in tried
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize(
    ("who", "method", "path"),
    [
        ("channel", "GET", "/v1/queue"),
        ("channel", "GET", f"/v1/cases/{NOBODY}"),
        ("channel", "POST", f"/v1/cases/{NOBODY}/note"),
        ("channel", "GET", "/v1/review"),
        ("channel", "GET", "/v1/metrics/summary"),
        ("북구청", "POST", "/v1/complaints"),
        ("북구청", "POST", "/v1/complaints:batch"),
        ("북구청", "GET", f"/v1/complaints/{NOBODY}"),
        ("북구청", "GET", "/v1/review"),
        ("북구청", "POST", f"/v1/review/{NOBODY}/decide"),
        ("북구청", "GET", "/v1/metrics/summary"),
        ("triage", "POST", "/v1/queue:claim"),
        ("triage", "GET", "/v1/metrics/summary"),
        ("supervisor", "POST", "/v1/queue:claim"),
        ("supervisor", "POST", "/v1/complaints"),
        ("admin", "POST", "/v1/complaints"),
    ],
)
def test_a_role_does_its_own_work_only(who: str, method: str, path: str, town: Town) -> None:
    answer = town.client.request(method, path, headers=town.signed(who), json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.fixture(scope="module")
def roads(town: Town) -> str:
    """A key of 북구청 for its 건설과 alone."""
    town.make_key("건설과", role="staff", agency_id="bukgu", departments=["건설과"])
    return "건설과"


@pytest.mark.parametrize("path", READS)
def test_another_agencys_case_is_not_there(path: str, town: Town) -> None:
    (id,) = town.routed()
    theirs, nobodys = (
        town.get(path.format(id=id), "서구청"),
        town.get(path.format(id=NOBODY), "서구청"),
    )
    assert (theirs.status_code, theirs.text) == (404, nobodys.text)
    assert town.get(path.format(id=id), "북구청").status_code == 200


@pytest.mark.parametrize("action", ACTIONS)
def test_another_agency_or_unit_does_nothing_to_a_case(action: str, roads: str, town: Town) -> None:
    (id,) = town.routed()
    order = order_for(action).model_dump(mode="json", exclude_none=True)
    for who in ("서구청", roads):
        answer = town.act(id, action, who, 2, **order)
        assert answer.status_code == 404
    assert town.state(id) == ("routed", 2)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_needs_the_version_that_was_read(action: str, town: Town) -> None:
    (id,) = town.routed()
    order = order_for(action).model_dump(mode="json", exclude_none=True)
    path = f"/v1/cases/{id}/{action}"
    unread = town.post(path, "admin", order)
    assert (unread.status_code, unread.json()["code"]) == (428, "precondition_required")
    stale = town.act(id, action, "admin", 1, **order)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert town.state(id) == ("routed", 2)


def test_these_are_all_the_looks_at_a_case(town: Town) -> None:
    paths = town.client.get("/openapi.json").json()["paths"]
    assert {p for p in paths if p.startswith("/v1/cases/") and "get" in paths[p]} == set(READS)


def test_another_agency_neither_lists_nor_claims_a_case(town: Town) -> None:
    (id,) = town.routed(agency_id="donggu", department="민원실")
    for who in ("서구청", "북구청"):
        listed = town.get("/v1/queue", who, limit=200).json()["items"]
        taken = town.post("/v1/queue:claim", who, {"max": 100}).json()["items"]
        assert id not in {case["id"] for case in [*listed, *taken]}
    assert town.state(id) == ("routed", 2)
    assert [c["id"] for c in town.get("/v1/queue", "동구청").json()["items"]] == [id]


@pytest.mark.parametrize("path", READS)
def test_an_agency_sees_no_case_that_the_desk_holds(path: str, town: Town) -> None:
    (id,) = town.routed(state="review")
    assert town.get(path.format(id=id), "북구청").status_code == 404
    assert town.act(id, "note", "북구청", 2, text="글").status_code == 404
    assert town.get(path.format(id=id), "triage").status_code == 200


def test_a_channel_sees_only_what_it_filed(town: Town) -> None:
    town.make_key("other front", role="channel", client="other front")
    id = town.file().json()["id"]
    quiet = {"channel": "voice", "voice": {"call_id": "q", "transcript": {"segments": []}}}
    silent = town.file(quiet).json()["id"]
    for complaint in (id, silent):
        assert town.get(f"/v1/complaints/{complaint}", "channel").status_code == 200
        assert town.get(f"/v1/complaints/{complaint}", "other front").status_code == 404


def test_a_channel_is_not_told_who_works_on_it(town: Town) -> None:
    (id,) = town.routed()
    town.act(id, "assign", "북구청", 2, assignee="team-1")
    shown = town.get(f"/v1/complaints/{id}", "channel").json()
    assert (shown["status"], shown["agency"], shown["department"]) == (
        "assigned",
        "북구청",
        "시설지원과",
    )
    assert {"assignee", "text", "reply"} & shown.keys() == set()


@pytest.mark.parametrize("path", READS)
def test_a_department_does_not_see_its_neighbours(path: str, roads: str, town: Town) -> None:
    (lamp,) = town.routed()
    (hole,) = town.routed(department="건설과", service="road-damage")
    assert town.get(path.format(id=lamp), roads).status_code == 404
    assert town.act(lamp, "note", roads, 2, text="글").status_code == 404
    assert town.get(path.format(id=hole), roads).status_code == 200


def test_a_department_lists_and_claims_its_own(roads: str, town: Town) -> None:
    (lamp,) = town.routed()
    (hole,) = town.routed(department="건설과")
    listed = {case["id"] for case in town.get("/v1/queue", roads, limit=200).json()["items"]}
    assert hole in listed
    assert lamp not in listed
    assert town.get("/v1/queue", roads, department="시설지원과").status_code == 403
    claim = town.post("/v1/queue:claim", roads, {"max": 100})
    assert lamp not in {case["id"] for case in claim.json()["items"]}
    refused = town.post("/v1/queue:claim", roads, {"department": "시설지원과"})
    assert refused.status_code == 403


def test_similar_cases_stay_behind_the_walls(roads: str, town: Town) -> None:
    same: dict[str, Any] = {"embedding": "[1,0,0]", "model_version": "walls"}
    (mine,) = town.routed(department="건설과", **same)
    near = town.routed(2, department="건설과", **same)
    (neighbour,) = town.routed(**same)
    (stranger,) = town.routed(agency_id="seogu", department="민원실", **same)
    with psycopg.connect(conninfo(town.settings.database_url, WORKER)) as conn:
        resolved = [UUID(id) for id in [near[0], neighbour, stranger]]
        conn.execute(
            "UPDATE cases SET state = 'resolved', reply = '고쳤습니다.' WHERE id = ANY(%s)",
            (resolved,),
        )

    def similar(who: str) -> set[str]:
        items = town.get(f"/v1/cases/{mine}/similar", who, limit=20).json()["items"]
        return {item["id"] for item in items}

    assert similar(roads) == {near[0]}
    assert similar("북구청") == {near[0], neighbour}
    assert similar("supervisor") == {near[0], neighbour}, "replies of the case's own agency"


def test_an_agencys_supervisor_looks_at_that_agency_only(town: Town) -> None:
    town.make_key("seogu lead", role="supervisor", agency_id="seogu")
    (theirs,) = town.routed()
    assert town.get(f"/v1/cases/{theirs}", "seogu lead").status_code == 404
    other = town.get("/v1/metrics/summary", "seogu lead", agency="북구청")
    assert other.status_code == 403
    assert town.get("/v1/metrics/summary", "seogu lead", agency="서구청").status_code == 200
