"""Filing a complaint: what is stored, once, whatever is repeated. No Redis is there at all."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from services.intake.sealing import Sealer
from tests.integration.api.town import Town, at_once, web

PHONE = "010-1234-5678"
CONTACT = {"name": "홍길동", "phone": "010-9999-8888", "email": "hong@example.com"}
PERSONAL = ("1234-5678", "홍길동", "9999-8888", "hong@example.com", "900101")
SAID = f"가로등이 꺼졌어요 {PHONE}로 주세요 주민번호 900101-1234567"

VOICE: dict[str, Any] = {
    "channel": "voice",
    "external_id": "ars-77",
    "voice": {
        "call_id": "call-77",
        "started_at": "2026-07-01T09:00:00+09:00",
        "ended_at": "2026-07-01T09:03:00+09:00",
        "transcript": {
            "segments": [
                {"speaker": "agent", "text": "말씀하세요"},
                {"speaker": "caller", "text": SAID, "start_ms": 10, "confidence": 0.93},
            ]
        },
    },
    "contact": {**CONTACT, "reply_by": "sms"},
    "consent": {"privacy": True, "ai_notice": True},
}
MENU: dict[str, Any] = {
    "channel": "visual_ars",
    "visual_ars": {
        "session_id": "s-1",
        "menu_version": "3",
        "path": ["streets", "streetlight"],
        "text": SAID,
    },
    "location": {"lat": 35.17, "lon": 126.91, "address": f"북구 {PHONE}", "dong": "용봉동"},
    "contact": CONTACT,
}
WEB: dict[str, Any] = {
    "channel": "web",
    "web": {"title": f"가로등 {PHONE}", "body": SAID},
    "contact": CONTACT,
}
WEB["web"]["attachments"] = [{"name": f"{PHONE}.jpg", "media_type": "image/jpeg", "bytes": 9}]


@pytest.mark.parametrize("body", [VOICE, MENU, WEB], ids=lambda body: body["channel"])
def test_each_channel_is_answered_with_a_receipt(body: dict[str, Any], town: Town) -> None:
    answer = town.file(body)
    receipt = answer.json()
    assert answer.status_code == 202
    assert "Idempotency-Replayed" not in answer.headers
    assert re.fullmatch(r"\d{8}-\d{7}", receipt["receipt_number"])
    assert re.fullmatch(r"\d{8}", receipt["lookup_code"])
    assert receipt["status"] == "received"
    assert UUID(receipt["id"]).version == 7
    assert town.get(receipt["links"]["self"], "channel").json()["status"] == "received"
    tracked = town.client.get(receipt["links"]["track"], params={"code": receipt["lookup_code"]})
    assert tracked.json()["status"] == "received"


@pytest.mark.parametrize("body", [VOICE, MENU, WEB], ids=lambda body: body["channel"])
def test_nothing_personal_is_stored_in_the_open(body: dict[str, Any], town: Town) -> None:
    id = UUID(town.file(body).json()["id"])
    case = town.rows("SELECT to_jsonb(c)::text, c.interaction_id FROM cases c WHERE id = %s", id)
    interaction = town.rows(
        "SELECT to_jsonb(i)::text FROM interactions i WHERE id = %s", case[0][1]
    )
    stored = case[0][0] + interaction[0][0]
    assert not [piece for piece in PERSONAL if piece in stored]
    assert "가로등이 꺼졌어요 [전화번호]로 주세요 주민번호 [주민등록번호]" in stored


def test_the_contact_is_sealed_with_what_the_text_gave_away(town: Town) -> None:
    id = UUID(town.file(VOICE).json()["id"])
    ((sealed, reply_by),) = town.rows(
        "SELECT sealed, reply_by FROM contacts WHERE case_id = %s", id
    )
    assert not [piece for piece in PERSONAL if piece.encode() in bytes(sealed)]
    contact = Sealer(town.settings.secret_key).unseal(bytes(sealed))
    assert contact == {**CONTACT, "in_text": [["전화번호", PHONE]]}
    assert reply_by == "sms"


def test_work_waits_in_the_outbox_from_the_same_commit(town: Town) -> None:
    id = UUID(town.file(MENU).json()["id"])
    assert town.rows("SELECT topic, attempts FROM outbox WHERE case_id = %s", id) == [("triage", 0)]
    ((state, path, dong, outcome),) = town.rows(
        "SELECT c.state, i.menu_path, c.dong, i.outcome"
        " FROM cases c JOIN interactions i ON i.id = c.interaction_id WHERE c.id = %s",
        id,
    )
    assert (state, path, dong) == ("received", ["streets", "streetlight"], "용봉동")
    assert outcome == "reported"


def test_a_silent_call_is_kept_without_a_case(town: Town) -> None:
    body = {"channel": "voice", "voice": {"call_id": "quiet", "transcript": {"segments": []}}}
    answer = town.file(body, "quiet-1")
    receipt = answer.json()
    assert answer.status_code == 202
    assert (receipt["status"], receipt["receipt_number"]) == ("no_speech", None)
    assert town.get(receipt["links"]["self"], "channel").json()["status"] == "no_speech"
    assert town.rows("SELECT id FROM cases WHERE id = %s", UUID(receipt["id"])) == []
    assert town.rows("SELECT outcome FROM interactions WHERE session_id = 'quiet'") == [
        ("abandoned",)
    ]
    assert town.file(body, "quiet-1").json() == receipt


def test_a_repeated_request_gets_the_same_answer(town: Town) -> None:
    first = town.file(VOICE, "again-1")
    second = town.file(dict(reversed(VOICE.items())), "again-1")
    assert second.status_code == 202
    assert second.json() == first.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert town.rows("SELECT count(*) FROM cases WHERE id = %s", UUID(first.json()["id"])) == [(1,)]


def test_a_key_is_not_used_for_another_body(town: Town) -> None:
    assert town.file(web(), "reused").status_code == 202
    answer = town.file(web("다른 말"), "reused")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_belongs_to_its_client(town: Town) -> None:
    town.make_key("other front", role="channel", client="other front")
    ours, theirs = town.file(web(), "shared"), town.file(web("다른 말"), "shared", "other front")
    assert theirs.status_code == 202
    assert theirs.json()["id"] != ours.json()["id"]


def test_a_refused_body_does_not_use_its_key_up(town: Town) -> None:
    assert town.file(web(" "), "refused").status_code == 422
    assert town.file(web(), "refused").status_code == 202


def test_of_twenty_racers_one_is_new_and_nineteen_replay(town: Town) -> None:
    for key in ("race-1", "race-2", "race-3"):
        answers = at_once([lambda key=key: town.file(web(key), key)] * 20, threads=20)
        assert {answer.status_code for answer in answers} == {202}
        assert len({json.dumps(answer.json(), sort_keys=True) for answer in answers}) == 1
        replayed = [answer.headers.get("Idempotency-Replayed") for answer in answers]
        assert sorted(replayed, key=str).count("true") == 19
        id = UUID(answers[0].json()["id"])
        assert town.rows("SELECT count(*) FROM outbox WHERE case_id = %s", id) == [(1,)]


def test_racers_with_two_bodies_file_one_of_them(town: Town) -> None:
    bodies = [web("첫째"), web("둘째")] * 6
    answers = at_once([lambda b=b: town.file(b, "race-two") for b in bodies], threads=12)
    filed = {answer.json()["id"] for answer in answers if answer.status_code == 202}
    refused = [answer.json()["code"] for answer in answers if answer.status_code != 202]
    assert len(filed) == 1
    assert refused == ["idempotency_key_reused"] * 6


def test_a_body_that_is_slow_to_mask_holds_nobody_up(town: Town) -> None:
    turns = [{"speaker": "agent", "text": "010-1234-5678 " * 1_000} for _ in range(6)]
    turns.append({"speaker": "caller", "text": "가로등이 꺼졌어요"})
    slow = {"channel": "voice", "voice": {"call_id": "c", "transcript": {"segments": turns}}}
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(town.file, slow)
        assert all(town.file().status_code == 202 for _ in range(3))
        assert not waiting.done()
        assert waiting.result().status_code == 202


def test_receipt_numbers_are_never_given_twice(town: Town) -> None:
    answers = at_once([town.file] * 60, threads=12)
    assert len({answer.json()["receipt_number"] for answer in answers}) == 60


def test_receipt_numbers_go_on_past_seven_digits(town: Town) -> None:
    ((last,),) = town.rows("SELECT last_value FROM receipt_numbers")
    town.rows("SELECT setval('receipt_numbers', 9999999)")
    numbers = [town.file().json()["receipt_number"] for _ in range(2)]
    town.rows("SELECT setval('receipt_numbers', %s)", last)
    assert [number.split("-")[1] for number in numbers] == ["10000000", "10000001"]


def test_a_batch_answers_each_item_by_itself(town: Town) -> None:
    body = {"items": [web("하나"), web(" "), VOICE, {"channel": "web", "web": {"body": 3}}]}
    answer = town.post("/v1/complaints:batch", "channel", body, {"Idempotency-Key": "batch-1"})
    items = answer.json()["items"]
    assert [item["http_status"] for item in items] == [202, 422, 202, 422]
    assert [item["index"] for item in items] == [0, 1, 2, 3]
    assert items[1]["problem"]["code"] == "empty_text"
    again = town.post("/v1/complaints:batch", "channel", body, {"Idempotency-Key": "batch-1"})
    assert again.json() == answer.json()


@pytest.mark.parametrize("items", [[], None, {}, [web()] * 501], ids=["none", "null", "map", "501"])
def test_a_batch_has_one_to_five_hundred_items(items: Any, town: Town) -> None:
    body = {"items": items}
    answer = town.post("/v1/complaints:batch", "channel", body, {"Idempotency-Key": "batch-2"})
    assert (answer.status_code, answer.json()["pointer"]) == (422, "/items")


def test_five_hundred_are_filed_in_one_request(town: Town) -> None:
    body = {"items": [web(f"{number}번째 가로등") for number in range(500)]}
    answer = town.post("/v1/complaints:batch", "channel", body, {"Idempotency-Key": "batch-500"})
    assert {item["http_status"] for item in answer.json()["items"]} == {202}
    assert len({item["receipt_number"] for item in answer.json()["items"]}) == 500
