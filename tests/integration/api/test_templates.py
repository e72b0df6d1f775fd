"""Reply templates of each agency, and who looks at a case."""

from __future__ import annotations

import psycopg
import pytest

from tests.integration.api.town import Answer, Town

TEXT = "접수번호 {receipt_number}, {service} 건은 {agency} {department}에서 처리했습니다."
PATH = "/v1/reply-templates"


def put(town: Town, id: str, who: str, **body: object) -> Answer:
    return town.client.put(f"{PATH}/{id}", headers=town.signed(who), json=body)


def test_a_template_is_written_filled_changed_and_removed(town: Town) -> None:
    body = {"name": "완료", "text": TEXT, "service": "streetlight"}
    made = town.post(PATH, "북구청", body)
    assert made.status_code == 201
    id = made.json()["id"]
    assert town.post(PATH, "북구청", body).json()["code"] == "template_exists"
    (case,) = town.routed()
    number = town.get(f"/v1/cases/{case}", "북구청").json()["receipt_number"]
    first = town.get(PATH, "북구청", case=case).json()["items"][0]
    assert first["filled"].startswith(f"접수번호 {number}, ")
    assert first["filled"].endswith("건은 북구청 시설지원과에서 처리했습니다.")
    assert put(town, id, "북구청", name="완료", text="끝").json()["text"] == "끝"
    assert put(town, id, "남구청", name="완료", text="끝").status_code == 404
    removed = [town.client.delete(f"{PATH}/{id}", headers=town.signed("북구청")) for _ in range(2)]
    assert [answer.status_code for answer in removed] == [204, 404]


def test_an_agency_sees_its_own_and_the_examples(town: Town) -> None:
    assert town.post(PATH, "서구청", {"name": "서구", "text": "답"}).status_code == 201
    assert town.post(PATH, "supervisor", {"name": "x", "text": "답"}).status_code == 422
    named = {"name": "동구", "text": "답", "agency": "동구청"}
    assert town.post(PATH, "supervisor", named).json()["agency"] == "동구청"
    items = town.get(PATH, "서구청").json()["items"]
    assert [item["name"] for item in items if not item["example"]] == ["서구"]
    assert all(item["id"] is None for item in items if item["example"])
    assert town.get(PATH, "channel").status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "text": "{phone}"},
        {"name": "", "text": "답"},
        {"name": "x", "text": "답", "department": "없는과"},
        {"name": "x", "text": "답", "service": "없는 일"},
        {"name": "x", "text": "답", "agency": "남구청"},
    ],
)
def test_what_does_not_fit_is_refused(body: dict[str, str], town: Town) -> None:
    assert town.post(PATH, "북구청", body).status_code == 422


def test_who_works_for_one_department_writes_for_it_alone(town: Town) -> None:
    town.make_key("북구 건설과", role="staff", agency_id="bukgu", departments=["건설과"])
    body = {"name": "건설", "text": "답"}
    assert town.post(PATH, "북구 건설과", body).status_code == 403
    assert town.post(PATH, "북구 건설과", {**body, "department": "건설과"}).status_code == 201


def test_who_else_looks_at_a_case_is_told_for_half_a_minute(town: Town) -> None:
    (case,) = town.routed()
    path = f"/v1/cases/{case}/presence"
    town.make_key("동료", role="staff", agency_id="bukgu")
    assert town.post(path, "북구청").json() == {"others": []}
    (other,) = town.post(path, "동료").json()["others"]
    assert other["name"].startswith("staff:")
    assert len(town.post(path, "북구청").json()["others"]) == 1
    with psycopg.connect(town.settings.database_url) as conn:
        conn.execute("UPDATE presences SET seen_at = now() - interval '31 seconds'")
    assert town.post(path, "북구청").json() == {"others": []}
    assert town.post(path, "남구청").status_code == 404
