"""Articles over HTTP: written by one, approved by another, read by all staff."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from uuid_utils.compat import uuid7

from services.database import API, CITY, Database
from services.knowledge import gaps
from tests.integration.api.town import Town

WORDS: dict[str, Any] = {
    "title": "구청 옥상 텃밭 신청",
    "questions": ["옥상 텃밭은 어떻게 신청하나요"],
    "answer": "옥상 텃밭은 해마다 봄에 신청을 받습니다.",
    "service": "park-green",
    "agency": "북구청",
    "confirmed": True,
    "source": "시험용",
}


def put(town: Town, id: str, who: str, version: int | None, **changes: Any) -> Any:
    headers = town.signed(who) | ({"If-Match": f'"{version}"'} if version else {})
    return town.client.put(f"/v1/knowledge/{id}", headers=headers, json={**WORDS, **changes})


def act(town: Town, id: str, action: str, who: str, version: int, body: Any = None) -> Any:
    return town.post(f"/v1/knowledge/{id}/{action}", who, body, {"If-Match": f'"{version}"'})


def heard(town: Town, question: str, id: str) -> bool:
    """Whether it comes first; asked again, for articles may be loading while one is approved."""
    for _ in range(20):
        town.client.app.state.backend.knowledge._look_at = 0.0  # type: ignore[attr-defined]
        found = town.get("/v1/knowledge:search", "북구청", q=question).json()
        if found["items"][0]["id"] == id:
            return True
    return False


def test_from_a_draft_to_the_callers_ear_and_back(town: Town) -> None:
    made = town.post("/v1/knowledge", "북구청", {"id": "roof-garden", **WORDS})
    assert made.status_code == 201
    assert (made.json()["state"], made.headers["etag"]) == ("draft", '"1"')
    assert town.post("/v1/knowledge", "북구청", {"id": "roof-garden", **WORDS}).status_code == 409
    assert act(town, "roof-garden", "submit", "북구청", 1).json()["state"] == "in_review"
    assert act(town, "roof-garden", "approve", "북구청", 2).status_code == 403
    returned = act(town, "roof-garden", "return", "triage", 2, {"reason": "기간을 적어 주세요"})
    assert returned.json()["state"] == "draft"
    edited = put(town, "roof-garden", "북구청", 3, answer="옥상 텃밭은 삼월에 신청을 받습니다.")
    assert edited.status_code == 200
    assert act(town, "roof-garden", "submit", "북구청", 4).status_code == 200
    approved = act(town, "roof-garden", "approve", "triage", 5).json()
    assert (approved["state"], approved["live_version"]) == ("approved", 6)
    assert heard(town, "옥상 텃밭 신청은 어떻게 하나요", "roof-garden")
    assert act(town, "roof-garden", "retire", "supervisor", 6).json()["live_version"] is None
    steps = town.get("/v1/knowledge/roof-garden/versions", "북구청").json()["items"]
    assert [step["action"] for step in steps] == [
        *("create", "submit", "return", "edit", "submit", "approve", "retire"),
    ]
    assert steps[2]["reason"] == "기간을 적어 주세요"


def test_a_stale_or_missing_tag(town: Town) -> None:
    town.post("/v1/knowledge", "북구청", {"id": "tagged", **WORDS})
    assert put(town, "tagged", "북구청", None).json()["code"] == "precondition_required"
    assert put(town, "tagged", "북구청", 1).status_code == 200
    assert put(town, "tagged", "북구청", 1).json()["code"] == "stale_version"
    assert act(town, "tagged", "approve", "triage", 2).json()["code"] == "illegal_transition"


def test_another_agencys_article_is_read_but_not_written(town: Town) -> None:
    town.post("/v1/knowledge", "북구청", {"id": "northern", **WORDS})
    assert town.get("/v1/knowledge/northern", "서구청").status_code == 200
    assert put(town, "northern", "서구청", 1, agency="서구청").status_code == 404
    assert town.post("/v1/knowledge", "서구청", {"id": "taken", **WORDS}).status_code == 422
    assert town.get("/v1/knowledge", "channel").status_code == 403


@pytest.mark.parametrize(
    "fault",
    [
        {"answer": "하나. 둘. 셋."},
        {"answer": "자세한 것은 https://example.org 에 있습니다."},
        {"answer": "가" * 201},
        {"questions": []},
        {"service": "nothing"},
        {"agency": "없는구청"},
        {"department": "없는과"},
        {"valid_from": "2026-05-01", "valid_until": "2026-04-01"},
        {"title": ""},
        {"extra": 1},
    ],
)
def test_what_cannot_be_read_out_is_refused(town: Town, fault: dict[str, Any]) -> None:
    made = town.post("/v1/knowledge", "북구청", {"id": "faulty", **WORDS, **fault})
    assert made.status_code == 422, made.text
    assert town.get("/v1/knowledge/faulty", "북구청").status_code == 404


def test_pages_and_words(town: Town) -> None:
    pages = town.pages("/v1/knowledge", "supervisor", 40, state="approved")
    ids = [item["id"] for page in pages for item in page]
    assert ids == sorted(set(ids))
    assert len(ids) > 50
    found = town.get("/v1/knowledge", "supervisor", q="여권").json()["items"]
    assert {"passport-apply", "passport-lost"} <= {item["id"] for item in found}


def test_a_gap_becomes_a_draft(town: Town) -> None:
    vectors = np.eye(2, dtype=np.float32)
    ids = [uuid7(), uuid7()]
    database = Database(town.settings.database_url, API)
    database.open()
    now = datetime(2026, 3, 2, tzinfo=UTC)
    with database.transaction(CITY) as conn:
        for id, text, row in zip(ids, ("텃밭 언제 해요", "달은 왜 뜨나요"), vectors, strict=True):
            asked = gaps.Asked(text, row, "test", None, 0.1)
            gaps.record_gap(conn, asked, id, now, 0.1)
    database.close()
    page = town.pages("/v1/knowledge/gaps", "triage", 1)
    assert {gap["id"] for items in page for gap in items} == set(map(str, ids))
    draft = {"id": "from-gap", **WORDS, "questions": []}
    made = town.post(f"/v1/knowledge/gaps/{ids[0]}/draft", "북구청", draft)
    assert made.json()["questions"] == ["텃밭 언제 해요"]
    again = town.post(f"/v1/knowledge/gaps/{ids[0]}/draft", "북구청", draft | {"id": "twice"})
    assert again.json()["code"] == "illegal_transition"
    assert town.get("/v1/knowledge/twice", "북구청").status_code == 404
    assert town.post(f"/v1/knowledge/gaps/{ids[1]}/dismiss", "triage").status_code == 200
    assert town.get("/v1/knowledge/gaps", "triage").json()["items"] == []
    (drafted,) = town.get("/v1/knowledge/gaps", "triage", state="drafted").json()["items"]
    assert drafted["article"] == "from-gap"
    assert town.get("/v1/knowledge/gaps", "triage", cursor="x").json()["code"] == "invalid_cursor"
