"""Turns are stored once, in order, for the caller they belong to, whatever the network does."""

from __future__ import annotations

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
from starlette.testclient import TestClient

from services.api.app import create_app
from services.city import load as load_city
from services.database import API, Database
from services.dialogue.dropped import end_dropped
from tests.integration.api.town import Town, at_once
from tests.integration.calls.caller import Caller, marks, speech
from tests.running import eventually

LAMP = "두암동 골목에 가로등이 나가서 캄캄해요"


def test_a_repeated_turn_gets_the_stored_answer(town: Town) -> None:
    caller = Caller.dial(town)
    first = caller.post(speech(LAMP))
    again = caller.post(speech(LAMP), seq=1)
    assert (first.status_code, again.status_code) == (200, 200)
    assert json.dumps(first.json()) == json.dumps(again.json())
    other = caller.post(speech("다른 말"), seq=1)
    assert (other.status_code, other.json()["code"]) == (409, "turn_seq_reused")
    assert "다른" not in other.text


def test_old_and_skipped_turns_are_told_how_things_stand(town: Town) -> None:
    caller = Caller.dial(town)
    caller.say("가로등이 나갔어요")
    caller.say("두암동이요")
    old = caller.post(speech("가로등이 나갔어요"), seq=1)
    assert (old.status_code, old.json()["code"]) == (409, "turn_out_of_date")
    assert old.json()["state"]["turn_seq"] == 2
    skipped = caller.post(speech("네"), seq=9)
    assert (skipped.status_code, skipped.json()["code"]) == (409, "turn_skipped")
    caller.end()
    late = caller.post(speech("네"), seq=3)
    assert (late.status_code, late.json()["code"]) == (409, "call_ended")


def test_racing_requests_for_one_turn_file_one_case(town: Town) -> None:
    for _ in range(3):
        caller = Caller.dial(town)
        caller.say(LAMP)
        answers = at_once([lambda c=caller: c.post(speech("네"), seq=2)] * 8, 8)
        assert {answer.status_code for answer in answers} == {200}
        assert len({json.dumps(answer.json()) for answer in answers}) == 1
        cases = town.rows("SELECT id FROM cases WHERE interaction_id = %s", UUID(caller.id))
        assert len(cases) == 1


def test_different_words_that_race_for_one_turn_leave_one_winner(town: Town) -> None:
    caller = Caller.dial(town)
    words = [f"두암동 골목 가로등 {n}개가 나갔어요" for n in range(8)]
    answers = at_once([lambda w=w: caller.post(speech(w), seq=1) for w in words], 8)
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [409] * 7
    assert town.rows("SELECT turns FROM calls WHERE id = %s", UUID(caller.id)) == [(1,)]


def test_turns_in_any_order_come_out_as_in_order(town: Town) -> None:
    said = {1: "가로등이 나가서 캄캄해요", 2: "두암동이요", 3: "네", 4: "아니요"}
    for seed in range(3):
        caller, order = Caller.dial(town), list(said) * 4
        random.Random(seed).shuffle(order)
        while len(order) > 0 or caller.seq < len(said):
            seq = order.pop() if order else caller.seq + 1
            answer = caller.post(speech(said[seq]), seq=seq)
            assert answer.status_code == (200 if seq in (caller.seq, caller.seq + 1) else 409)
            caller.seq = max(caller.seq, seq) if answer.status_code == 200 else caller.seq
        assert caller.end()["outcome"] == "reported"
        assert len(caller.end()["cases"]) == 1


def test_a_call_goes_on_after_a_restart(town: Town) -> None:
    caller = Caller.dial(town)
    caller.say("가로등이 나갔어요")
    with TestClient(create_app(town.settings)) as client:
        other = Town(client, town.settings, town.keys)
        moved = Caller(other, caller.id, caller.opening, caller.seq, caller.rev)
        assert "ask:confirm" in marks(moved.say("두암동이요")["directives"])
    caller.seq = 2
    assert caller.say("네")["case"]["receipt_number"]


def test_a_late_turn_is_answered_in_time_and_honestly(town: Town) -> None:
    caller = Caller.dial(town)
    body = {**speech(LAMP), "deadline_ms": 200}
    with psycopg.connect(town.settings.database_url) as conn:
        conn.execute("SELECT 1 FROM calls WHERE id = %s FOR UPDATE", (UUID(caller.id),))
        degraded = caller.post(body)
        told = degraded.json()
        assert (told["meta"]["degraded"], told["meta"]["stored"]) == (True, False)
        assert marks(told["directives"]) == ["say"]
        fire = caller.post({**speech("불났어요 빨리요"), "deadline_ms": 200})
        assert "transfer:119" in marks(fire.json()["directives"])
    settled = threading.Event()
    while not settled.is_set():
        answer = caller.post(body)
        assert answer.status_code in (200, 409)
        if answer.status_code == 409 or answer.json()["meta"]["stored"]:
            settled.set()
    assert town.rows("SELECT turns FROM calls WHERE id = %s", UUID(caller.id)) == [(1,)]


def test_rules_find_an_emergency_without_the_model(town: Town) -> None:
    app = create_app(town.settings)
    with TestClient(app) as client:
        app.state.backend.engine.wait(30)
        app.state.backend.engine._triage = None
        caller = Caller.dial(Town(client, town.settings, town.keys))
        told = caller.say("불났어요 빨리요")
        assert "transfer:119" in marks(told["directives"])
        plain = Caller.dial(Town(client, town.settings, town.keys))
        told = plain.say(LAMP)
        assert told["meta"]["degraded"] is True
        assert "ask:confirm" in marks(told["directives"])
        assert plain.say("네")["case"]["receipt_number"]


def test_a_question_before_the_articles_waits_and_holds_up_nobody(town: Town) -> None:
    app = create_app(town.settings)
    with TestClient(app) as client:
        desk = app.state.backend.knowledge
        assert app.state.backend.engine.wait(30)
        eventually(lambda: desk.loaded, 30)
        early, held = Town(client, town.settings, town.keys), desk._search
        asking, other = Caller.dial(early), Caller.dial(early)
        with ThreadPoolExecutor(1) as threads:
            with desk._lock:
                desk._search = None
                answer = threads.submit(asking.say, "여권 재발급 어떻게 해요?")
                assert "ask:place" in marks(other.say("가로등이 나가서 캄캄해요")["directives"])
                assert not answer.done()
                desk._search = held
            assert "ask:helped" in marks(answer.result(10)["directives"])


def test_a_question_that_no_article_can_be_asked_is_owned_to_and_kept(town: Town) -> None:
    app = create_app(town.settings)
    with TestClient(app) as client:
        desk = app.state.backend.knowledge
        assert app.state.backend.engine.wait(30)
        eventually(lambda: desk.loaded, 30)
        desk._search = None
        desk._database = Database("postgresql:///minwon?host=/nonexistent", API)
        caller = Caller.dial(Town(client, town.settings, town.keys))
        told = caller.say("여권 재발급 어떻게 해요?")
        assert told["meta"]["degraded"] is True
        assert "ask:helped" not in marks(told["directives"])
        assert (caller.end()["outcome"], len(caller.end()["cases"])) == ("reported", 1)


def test_calls_are_walled_off_by_client(town: Town) -> None:
    town.make_key("other", role="channel", client="other-ars")
    caller = Caller.dial(town)
    assert caller.post(speech(LAMP), who="other").status_code == 404
    assert town.post(f"/v1/calls/{caller.id}/end", "other").status_code == 404
    assert town.get(f"/v1/calls/{caller.id}/events", "other").status_code == 404
    assert caller.post(speech(LAMP), who="triage").status_code == 403
    mine, theirs = Caller.dial(town), Caller.dial(town, "other")
    assert mine.id != theirs.id


def test_a_call_is_begun_once(town: Town) -> None:
    body = {"call_id": "once", "notices": {"recording": True, "ai": True}}
    first, again = (town.post("/v1/calls", "channel", body) for _ in range(2))
    assert first.json() == again.json()
    other = town.post("/v1/calls", "channel", {**body, "dnis": "120"})
    assert (other.status_code, other.json()["code"]) == (409, "call_id_reused")


def test_a_number_in_place_of_a_hash_is_refused(town: Town) -> None:
    body = {"call_id": "x", "notices": {"recording": True, "ai": True}}
    answer = town.post("/v1/calls", "channel", {**body, "caller_hash": "010-1234-5678"})
    assert answer.status_code == 422
    assert "1234" not in answer.text


def test_numbers_said_are_kept_sealed_apart(town: Town) -> None:
    caller = Caller.dial(town)
    caller.say(f"{LAMP} 제 번호는 010-1234-5678이에요")
    caller.say("네")
    kept = town.rows("SELECT text FROM cases WHERE interaction_id = %s", UUID(caller.id))
    assert "[전화번호]" in kept[0][0]
    everything = town.rows(
        "SELECT state::text FROM calls WHERE id = %s UNION ALL"
        " SELECT said || answer::text FROM call_turns WHERE call_id = %s",
        UUID(caller.id),
        UUID(caller.id),
    )
    assert not any("1234" in row[0] for row in everything)
    assert town.rows(
        "SELECT 1 FROM contacts k JOIN cases c ON c.id = k.case_id WHERE c.interaction_id = %s",
        UUID(caller.id),
    )


def test_a_dropped_line_is_swept_and_filed_once(town: Town) -> None:
    caller = Caller.dial(town)
    caller.say("가로등이 나갔어요")
    with psycopg.connect(town.settings.database_url) as conn:
        conn.execute(
            "UPDATE calls SET last_at = last_at - interval '1 day' WHERE id = %s",
            (UUID(caller.id),),
        )
    pack = load_city(town.settings.city_pack)
    assert end_dropped(town.settings, pack) == 1
    assert end_dropped(town.settings, pack) == 0
    rows = town.rows(
        "SELECT state, incomplete FROM cases WHERE interaction_id = %s", UUID(caller.id)
    )
    assert rows == [("received", True)]
    assert caller.end()["outcome"] == "reported"


def test_a_call_that_cannot_be_ended_holds_up_no_other(town: Town) -> None:
    broken, sound = Caller.dial(town), Caller.dial(town)
    sound.say("가로등이 나갔어요")
    with psycopg.connect(town.settings.database_url) as conn:
        conn.execute(
            "UPDATE calls SET state = '[]', last_at = last_at - interval '2 days' WHERE id = %s",
            (UUID(broken.id),),
        )
        conn.execute(
            "UPDATE calls SET last_at = last_at - interval '1 day' WHERE id = %s", (UUID(sound.id),)
        )
    try:
        assert end_dropped(town.settings, load_city(town.settings.city_pack)) == 1
        assert town.rows("SELECT state FROM cases WHERE interaction_id = %s", UUID(sound.id))
    finally:
        with psycopg.connect(town.settings.database_url) as conn:
            conn.execute("UPDATE calls SET ended_at = now() WHERE id = %s", (UUID(broken.id),))


def test_events_show_the_screen_and_the_end(town: Town) -> None:
    caller = Caller.dial(town)
    caller.say("가로등이 나갔어요")
    caller.say("두암동이요")
    caller.end()
    text = town.get(f"/v1/calls/{caller.id}/events", "channel").text
    assert "event: screen" in text
    assert "event: ended" in text
    assert '"outcome": "reported"' in text


def test_figures_tell_how_calls_came_out(town: Town) -> None:
    before = town.get("/v1/metrics/calls", "supervisor").json()
    caller = Caller.dial(town)
    caller.turn({"event": "dtmf", "dtmf": {"digits": "0"}})
    result = {"agency": "당직실", "result": "answered", "ring_s": 2}
    caller.turn({"event": "transfer_result", "transfer": result})
    caller.end()
    after = town.get("/v1/metrics/calls", "supervisor").json()
    assert after["by_people"] == before["by_people"] + 1
    assert after["connected_by_agency"]["당직실"] >= 1
    assert after["calls"] == before["calls"] + 1
    summary = town.get("/v1/metrics/summary", "supervisor").json()["calls"]
    assert summary == {name: after[name] for name in summary}
    settled = after["simple_answers"] + after["reports"]
    ended = after["calls"] - after["open"]
    assert after["containment"] == round(settled / ended, 4)


def test_open_and_stuck_calls_have_a_gauge(town: Town) -> None:
    caller = Caller.dial(town)
    with psycopg.connect(town.settings.database_url) as conn:
        conn.execute(
            "UPDATE calls SET last_at = last_at - interval '1 hour' WHERE id = %s",
            (UUID(caller.id),),
        )
    metrics = town.get("/metrics", "supervisor").text
    assert 'minwon_calls{state="stuck"} 1.0' in metrics
    caller.end()
    assert "stuck" not in "".join(
        line
        for line in town.get("/metrics", "supervisor").text.splitlines()
        if line.startswith("minwon_calls")
    )
