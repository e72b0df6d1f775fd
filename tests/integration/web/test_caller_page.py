"""The caller's page without a script: taps, words, place, photograph, receipt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from starlette.testclient import TestClient

from services.database import API, WORKER, AsyncDatabase, Database
from services.intake.desk import IntakeDesk
from services.stack.postgres import EmbeddedPostgres
from services.visual.session import Tap
from services.visual.sweep import Sweeper
from services.web import visual_session
from services.web.app import create_app
from tests.conftest import install
from tests.integration.api.town import Town

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"\0" * 64 + b"\xff\xd9"


@pytest.fixture(scope="module")
def towns(
    postgres: EmbeddedPostgres, template: dict[str, Any], worker: str
) -> Iterator[tuple[Town, Town]]:
    """Two API processes' worth of application over one database."""
    settings = install(postgres, template, worker, log_level="ERROR").settings
    with ExitStack() as stack:
        first, second = (
            Town(
                stack.enter_context(
                    TestClient(create_app(settings), raise_server_exceptions=False)
                ),
                settings,
                template,
            )
            for _ in range(2)
        )
        yield first, second


class Caller:
    """A telephone's browser that taps what it sees, through either process."""

    def __init__(self, town: Town, **session: str) -> None:
        self.town = town
        self.opened = town.post("/v1/visual-ars/sessions", "channel", session).json()
        self.url = self.opened["visual_url"]
        self.see(town)

    def see(self, town: Town) -> str:
        answer = town.client.get(self.url)
        assert answer.status_code == 200, answer.text
        self.page = str(answer.text)
        return self.page

    @property
    def rev(self) -> str:
        return str(re.findall(r'name="rev" value="(\d+)"', self.page)[-1])

    def tap(self, node_id: str, town: Town | None = None, rev: str = "", **form: str) -> str:
        town = town or self.town
        data = {"node_id": node_id, "rev": rev or self.rev, **form}
        answer = town.client.post(self.url, data=data, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, self.url)
        return self.see(town)

    def title(self) -> str:
        return str(re.findall(r"<h1>(.*?)</h1>", self.page)[0])


def test_from_the_notices_to_the_receipt(towns: tuple[Town, Town]) -> None:
    one, other = towns
    caller = Caller(one)
    assert 'href="tel:119"' in caller.page
    caller.tap("_start")
    caller.tap("streets", other)
    caller.tap("streetlight", one)
    assert caller.title() == "가로등·보안등이 꺼졌어요"
    caller.tap("_next", other, text="골목이 캄캄해요 010-1234-5678 <script>alert(1)</script>")
    caller.tap("_next", one, dong="북구 용봉동", address="정문 앞")
    photo = {"photo": ("a.jpg", JPEG, "image/jpeg")}
    sent = one.client.post(f"{caller.url}/photo", files=photo, follow_redirects=False)
    assert sent.headers["location"] == caller.url
    assert "사진 1장" in caller.see(other)
    checked = caller.tap("_next", other)
    assert "&lt;script&gt;" in checked
    assert "010-1234-5678" in checked
    receipt = caller.tap("_file", one)
    number, code = re.findall(r"<dd>([\d-]+)</dd>", receipt)
    shown = one.client.get(f"/v1/track/{number}", params={"code": code})
    assert shown.status_code == 200
    rows = one.rows(
        "SELECT c.channel, c.text, c.address, i.menu_version, i.menu_path, i.session_id, i.consent,"
        " (SELECT count(*) FROM attachments a WHERE a.case_id = c.id)"
        " FROM cases c JOIN interactions i ON i.id = c.interaction_id"
        " WHERE c.receipt_number = %s",
        number,
    )
    channel, text, address, version, path, session_id, consent, files = rows[0]
    assert (channel, version, path) == ("visual_ars", "1", ["streets", "streetlight"])
    assert "010-1234" not in text
    assert address == "광주광역시 북구 용봉동 정문 앞"
    assert session_id == caller.opened["id"]
    assert consent == {"privacy": True, "ai_notice": True}
    assert files == 1


def test_words_are_sealed_while_they_wait(towns: tuple[Town, Town]) -> None:
    caller = Caller(towns[0])
    caller.tap("_start")
    caller.tap("write")
    caller.tap("_next", text="우리 집 010-1234-5678 앞")
    rows = towns[0].rows(
        "SELECT to_jsonb(v)::text, convert_from(v.words, 'UTF8') FROM visual_sessions v"
        " WHERE v.id = %s",
        UUID(caller.opened["id"]),
    )
    assert "1234" not in rows[0][0]
    assert "우리" not in rows[0][1]


def test_late_and_double_taps_do_nothing(towns: tuple[Town, Town]) -> None:
    one, other = towns
    caller = Caller(one)
    caller.tap("_start")
    old = caller.rev
    caller.tap("streets")
    page = caller.page
    assert caller.tap("streets", other, rev=old) == page
    assert caller.tap("water", other, rev=old) == page
    for rev in ("", "x", "99999999999", "-1"):
        data = {"node_id": "water", "rev": rev}
        assert one.client.post(caller.url, data=data).text == page


def test_a_complaint_sent_twice_is_filed_once(towns: tuple[Town, Town]) -> None:
    one, other = towns
    caller = Caller(one)
    for step in ("_start", "water", "sewer", "_next", "_next", "_next"):
        caller.tap(step)
    rev = caller.rev
    first = caller.tap("_file", one, rev=rev)
    assert caller.tap("_file", other, rev=rev) == first
    assert one.rows(
        "SELECT count(*) FROM interactions WHERE session_id = %s", caller.opened["id"]
    ) == [(1,)]


def test_a_crash_between_tap_and_filing_is_made_good(towns: tuple[Town, Town]) -> None:
    one, _ = towns
    caller = Caller(one)
    for step in ("_start", "water", "sewer", "_next", "_next", "_next"):
        caller.tap(step)
    backend = one.client.app.state.backend  # type: ignore[attr-defined]
    token = caller.opened["token"]
    kept = visual_session.tap(backend, token, Tap("_file", int(caller.rev)))
    assert kept is not None
    assert kept.session.screen == "filing"
    caller.see(one)
    assert caller.title() == "접수되었습니다"


def test_an_emergency_files_nothing(towns: tuple[Town, Town]) -> None:
    caller = Caller(towns[0], language="en")
    caller.tap("_start")
    page = caller.tap("emergency-119")
    assert page.count('href="tel:119"') == 2
    assert "Nothing is filed" in page
    count = "SELECT count(*) FROM interactions WHERE session_id = %s"
    assert towns[0].rows(count, caller.opened["id"]) == [(0,)]


def test_languages(towns: tuple[Town, Town]) -> None:
    caller = Caller(towns[0])
    assert '<html lang="en">' in caller.tap("_en")
    assert "City complaints" in caller.page
    assert '<html lang="ko">' in caller.tap("_ko")


def test_an_old_link(towns: tuple[Town, Town]) -> None:
    one, _ = towns
    caller = Caller(one)
    with psycopg.connect(one.settings.database_url) as conn:
        conn.execute(
            "UPDATE visual_sessions SET expires_at = now() WHERE id = %s", [caller.opened["id"]]
        )
    for path in (caller.url, "/v/AAAAAAAAAAAAAAAAAAAAAA", "/v/x"):
        answer = one.client.get(path)
        assert answer.status_code == 410
        assert "지난 주소" in answer.text
    assert one.client.post(caller.url, data={"node_id": "_start", "rev": "1"}).status_code == 410


def test_bad_forms_lose_nothing(towns: tuple[Town, Town]) -> None:
    one, _ = towns
    caller = Caller(one)
    client = one.client
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for content in (b"node_id=%ff&rev=1", b"\xff", b"node_id=_start&rev=1&rev=9", b""):
        assert client.post(caller.url, content=content, headers=form).status_code == 200
    large = client.post(caller.url, content=b"x" * 1_000_001, headers=form)
    assert large.status_code == 413
    other = {"Origin": "https://elsewhere.example"}
    assert (
        client.post(caller.url, data={"node_id": "_start", "rev": "1"}, headers=other).status_code
        == 403
    )
    assert caller.see(one).count("_start") == 1


def test_only_photographs(towns: tuple[Town, Town]) -> None:
    one, _ = towns
    caller = Caller(one)
    for step in ("_start", "water", "sewer", "_next", "_next"):
        caller.tap(step)
    for name, content in (("a.jpg", b"MZ not a picture"), ("a.exe", b"MZ")):
        files = {"photo": (name, content, "image/jpeg")}
        answer = one.client.post(f"{caller.url}/photo", files=files)
        assert answer.status_code == 200
        assert 'class="notice danger"' in answer.text
    assert "사진 1장" not in caller.see(one)


def test_what_was_told_is_filed_when_the_time_is_up(towns: tuple[Town, Town]) -> None:
    one, _ = towns
    told, gone = Caller(one), Caller(one)
    for step in ("_start", "water", "sewer"):
        told.tap(step)
    told.tap("_next", text="맨홀에서 물이 넘쳐요")
    gone.tap("_start")
    with psycopg.connect(one.settings.database_url) as conn:
        conn.execute("UPDATE visual_sessions SET expires_at = now() - interval '1 second'")
    sweeper = _sweeper(one)
    assert sweeper.close_expired(datetime.now(UTC)) >= 1
    assert sweeper.close_expired(datetime.now(UTC)) == 0
    rows = one.rows(
        "SELECT c.text, i.menu_path, c.incomplete"
        " FROM interactions i JOIN cases c ON c.interaction_id = i.id"
        " WHERE i.session_id = ANY(%s)",
        [told.opened["id"], gone.opened["id"]],
    )
    assert rows == [("맨홀에서 물이 넘쳐요", ["water", "sewer"], True)]
    kept = one.rows(
        "SELECT words, state->>'leaf', closed_at IS NOT NULL FROM visual_sessions WHERE id = %s",
        told.opened["id"],
    )
    assert kept == [(None, None, True)]


def _sweeper(town: Town) -> Sweeper:
    held = town.client.app.state.backend  # type: ignore[attr-defined]
    database = Database(town.settings.database_url, WORKER)
    database.open()
    return Sweeper(
        database=database,
        desk=lambda: IntakeDesk(AsyncDatabase(town.settings.database_url, API), "Asia/Seoul"),
        pack=held.pack,
        sealer=held.sealer,
        due_at=held.due_at,
        new_id=uuid4,
    )
