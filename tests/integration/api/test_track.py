"""A citizen's look: by receipt number and code, in plain words, and not by guessing."""

from __future__ import annotations

from tests.integration.api.town import Town, web


def test_a_citizen_follows_a_case_by_its_code(town: Town) -> None:
    receipt = town.file(web("우리 집 앞 가로등이 꺼졌어요")).json()
    path, code = receipt["links"]["track"], {"code": receipt["lookup_code"]}
    assert town.client.get(path, params=code).json()["status_name"] == "접수"
    town.place([receipt["id"]])
    town.act(receipt["id"], "assign", "북구청", 2, assignee="team-1")
    town.act(receipt["id"], "start", "북구청", 3)
    town.act(receipt["id"], "note", "북구청", 4, text="내부 메모")
    town.act(receipt["id"], "submit", "북구청", 5, reply="고쳤습니다", outcome="accepted")
    before = town.client.get(path, params=code)
    assert (before.json()["status"], before.json()["reply"]) == ("approval", None)
    town.act(receipt["id"], "approve", "북구청", 6)
    shown = town.client.get(path, params=code)
    told = shown.json()
    assert (told["status"], told["reply"], told["outcome"]) == (
        "resolved",
        "고쳤습니다",
        "accepted",
    )
    assert (told["agency"], told["department"]) == ("북구청", "시설지원과")
    assert [step["status"] for step in told["timeline"]] == [
        "received",
        "routed",
        "assigned",
        "in_progress",
        "resolved",
    ]
    assert shown.headers["Cache-Control"] == "no-store"
    for private in ("가로등이 꺼졌어요", "내부 메모", "staff:", "team-1"):
        assert private not in shown.text


def test_a_wrong_code_and_a_wrong_number_read_alike(town: Town) -> None:
    receipt = town.file().json()
    other = town.file().json()
    path = receipt["links"]["track"]
    answers = [
        town.client.get(path),
        town.client.get(path, params={"code": ""}),
        town.client.get(path, params={"code": "００００００００"}),
        town.client.get(path, params={"code": other["lookup_code"]}),
        town.client.get("/v1/track/20260101-9999999", params={"code": receipt["lookup_code"]}),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


def test_codes_are_not_to_be_guessed(town: Town) -> None:
    receipt, other = town.file().json(), town.file().json()
    path = receipt["links"]["track"]
    wrong = f"{(int(receipt['lookup_code']) + 1) % 10**8:08d}"
    answers = [town.client.get(path, params={"code": wrong}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [404] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    right = town.client.get(path, params={"code": receipt["lookup_code"]})
    assert right.status_code == 429
    free = town.client.get(other["links"]["track"], params={"code": other["lookup_code"]})
    assert free.status_code == 200
