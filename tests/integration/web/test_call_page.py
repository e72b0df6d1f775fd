"""The page of a live call: speech moves the screen, a tap moves the dialogue."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg
import pytest
from starlette.testclient import TestClient

from services.stack.postgres import EmbeddedPostgres
from services.web.app import create_app
from tests.conftest import install
from tests.integration.api.town import Town

_calls = itertools.count(1)


@pytest.fixture(scope="module")
def towns(
    postgres: EmbeddedPostgres, template: dict[str, Any], worker: str
) -> Iterator[tuple[Town, Town]]:
    settings = install(postgres, template, worker, log_level="ERROR").settings
    with ExitStack() as stack:
        clients = [stack.enter_context(TestClient(create_app(settings))) for _ in range(2)]
        for client in clients:
            client.app.state.backend.engine.wait(30)  # type: ignore[attr-defined]
        yield Town(clients[0], settings, template), Town(clients[1], settings, template)


class Call:
    def __init__(self, ars: Town, page: Town) -> None:
        self.ars, self.page, self.seq = ars, page, 0
        self.call_id = f"page-{next(_calls)}"
        body = {"call_id": self.call_id, "notices": {"recording": True, "ai": True}}
        opened = ars.post("/v1/calls", "channel", body).json()
        self.id, self.url = opened["id"], opened["visual_url"]

    def say(self, text: str) -> Any:
        self.seq += 1
        turn = {"turn_seq": self.seq, "event": "speech", "speech": {"text": text}}
        answer = self.ars.post(f"/v1/calls/{self.id}/turns", "channel", turn)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def see(self, query: str = "") -> str:
        answer = self.page.client.get(self.url + query)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def rev(self) -> str:
        return str(re.findall(r'name="rev" value="(\d+)"', self.see())[-1])

    def tap(self, node_id: str, rev: str = "", **form: str) -> None:
        data = {"node_id": node_id, "rev": rev or self.rev(), **form}
        answer = self.page.client.post(self.url, data=data, follow_redirects=False)
        assert answer.status_code == 303, answer.text


def test_speech_and_taps_keep_in_step(towns: tuple[Town, Town]) -> None:
    call = Call(*towns)
    assert "가로등" in call.see("?at=streets")
    asked = call.say("가로등이 나가서 골목이 캄캄해요")
    first = call.see()
    assert asked["dialog"]["slot"] == "place"
    assert 'name="dong"' in first
    rev = call.rev()
    call.tap("_form", rev, dong="북구 용봉동")
    assert call.rev() != rev
    call.tap("_form", rev, dong="서구 화정1동")  # the old screen
    moved = call.say("네")
    carried = [one for one in moved["directives"] if one["id"].startswith("-")]
    assert carried
    assert moved["case"] is not None
    assert moved["dialog"]["slots"]["district"] in (None, "북구")
    assert moved["case"]["receipt_number"] in call.see()
    rows = towns[0].rows(
        "SELECT address FROM cases WHERE receipt_number = %s", moved["case"]["receipt_number"]
    )
    assert len(rows) == 1


def test_a_tapped_service_opens_a_matter(towns: tuple[Town, Town]) -> None:
    call = Call(*towns)
    call.tap("pothole")
    answer = call.say("북구 용봉동 골목이에요")
    assert answer["dialog"]["slots"]["service"] == "road-damage"


def test_a_person_by_a_tap(towns: tuple[Town, Town]) -> None:
    call = Call(*towns)
    call.tap("person")
    call.seq += 1
    turn = {"turn_seq": call.seq, "event": "no_input"}
    answer = call.ars.post(f"/v1/calls/{call.id}/turns", "channel", turn).json()
    assert any(one["type"] == "transfer" for one in answer["directives"])


def test_after_the_call(towns: tuple[Town, Town]) -> None:
    call = Call(*towns)
    rev = call.rev()
    towns[0].post(f"/v1/calls/{call.id}/end", "channel")
    assert "통화가 끝났습니다" in call.see()
    call.tap("person", rev)
    assert "통화가 끝났습니다" in call.see()
    assert towns[1].client.get(f"{call.url}/events").status_code == 204


def test_the_link_of_a_call_is_kept_only_as_its_hash(towns: tuple[Town, Town]) -> None:
    call = Call(*towns)
    token = call.url.removeprefix("/v/")
    for _ in range(2):  # the second time keys and screen are offered
        call.seq += 1
        turn = {"turn_seq": call.seq, "event": "no_match"}
        answers = [
            town.post(f"/v1/calls/{call.id}/turns", "channel", turn).json() for town in towns
        ]
        assert answers[0] == answers[1]
    sent = next(one["text"] for one in answers[0]["directives"] if one["type"] == "sms")
    assert call.url in sent
    rows = towns[0].rows(
        "SELECT to_jsonb(c)::text || coalesce(string_agg(to_jsonb(t)::text, ' '), ''), link_sha256"
        " FROM calls c LEFT JOIN call_turns t ON t.call_id = c.id WHERE c.id = %s GROUP BY c.id",
        UUID(call.id),
    )
    kept, digest = rows[0]
    assert token not in kept
    assert bytes(digest) == sha256(token.encode()).digest()


def test_a_session_bound_to_a_call_is_the_page_of_the_call(towns: tuple[Town, Town]) -> None:
    call, sessions = Call(*towns), "/v1/visual-ars/sessions"
    one, other = towns
    bound = one.post(sessions, "channel", {"call_id": call.id}).json()
    assert (bound["id"], bound["visual_url"], bound["expires_at"]) == (call.id, call.url, None)
    assert other.post(sessions, "channel", {"call_id": call.call_id}).json() == bound
    one.make_key("stranger", role="channel", client="another-ars")
    assert one.post(sessions, "stranger", {"call_id": call.id}).status_code == 404
    one.post(f"/v1/calls/{call.id}/end", "channel")
    left = one.post(sessions, "channel", {"call_id": call.id}).json()["expires_at"]
    assert datetime.fromisoformat(left) - datetime.now(UTC) <= timedelta(minutes=30)
    with psycopg.connect(one.settings.database_url) as conn:
        conn.execute("UPDATE calls SET ended_at = ended_at - interval '1 hour'")
    assert one.post(sessions, "channel", {"call_id": call.id}).json()["code"] == "call_ended"
    assert one.client.get(call.url).status_code == 410


def test_a_leaf_that_the_ars_shows_means_what_it_means_on_the_page(
    towns: tuple[Town, Town],
) -> None:
    def posted(node_id: str, form: Any = None) -> Any:
        call = Call(*towns)
        tap = {"node_id": node_id, "screen_rev": int(call.rev()), "form": form}
        body = {"turn_seq": 1, "event": "visual_tap", "tap": tap}
        answer = call.ars.post(f"/v1/calls/{call.id}/turns", "channel", body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert posted("pothole")["dialog"]["slots"]["service"] == "road-damage"
    urgent = posted("emergency-119")
    assert urgent["safety"]["emergency"]
    assert any(one.get("agency") == "119" for one in urgent["directives"])
    assert any(one["type"] == "transfer" for one in posted("connect")["directives"])
    told = posted("info-lost")
    assert told["decision"]["mode"] == "answered"
    assert told["directives"][-1]["screen"]["answer"] == told["directives"][0]["text"]
    words = posted("_form", {"text": "가로등이 나가서 골목이 캄캄해요"})
    assert words["dialog"]["slots"]["service"] == "streetlight"
    assert posted("nothing")["directives"][0]["type"] == "visual"


def test_switching_the_language_on_the_page_switches_the_voice(towns: tuple[Town, Town]) -> None:
    call = Call(*towns)
    call.tap("english")
    assert '<html lang="en">' in call.see()
    call.seq += 1
    turn = {"turn_seq": call.seq, "event": "no_input"}
    answer = call.ars.post(f"/v1/calls/{call.id}/turns", "channel", turn).json()
    assert answer["directives"][0]["prompt"] == "How can we help you?"
    call.tap("korean")
    assert '<html lang="ko">' in call.see()
