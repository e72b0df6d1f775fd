"""Staff sign in with a local password, stay signed in for a while, and sign out."""

from __future__ import annotations

import re
from typing import Annotated
from uuid import uuid4

import psycopg
import pytest
from fastapi import FastAPI, Form
from starlette.testclient import TestClient

from services.access import attempts, passwords, sessions, staff
from services.access.staff import NewPerson
from services.database import WORKER, conninfo
from services.web.language import words
from services.web.staff_sign_in import local_path
from services.web.visits import COOKIE, QuietVisiting, Visiting
from tests.integration.api.town import Answer, Town, at_once

PASSWORD = "correct horse battery"
BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
OWN_SESSION = (
    "SELECT count(*) FROM staff_sessions s JOIN staff p ON p.id = s.staff_id WHERE username = %s"
)


@pytest.fixture(scope="module")
def desk(site: Town) -> Town:
    """A site with a page of staff on it."""
    app = site.client.app
    assert isinstance(app, FastAPI)

    def who(visit: Visiting) -> dict[str, str]:
        return {"name": visit.actor.name, "role": visit.actor.role, "csrf": visit.csrf}

    def peek(visit: QuietVisiting) -> dict[str, str]:
        return {"name": visit.actor.name}

    def change(visit: Visiting, words: Annotated[str, Form()] = "") -> dict[str, str]:
        return {"words": words}

    app.add_api_route("/staff/test", who, methods=["GET"])
    app.add_api_route("/staff/test-quiet", peek, methods=["GET"])
    app.add_api_route("/staff/test", change, methods=["POST"])
    return site


@pytest.fixture
def browser(desk: Town) -> TestClient:
    """A browser of its own; its cookies are Secure, so that it speaks https."""
    return TestClient(
        desk.client.app, "https://testserver", headers=BROWSER, follow_redirects=False
    )


def hire(site: Town, username: str, password: str = PASSWORD, **more: object) -> staff.Person:
    fields: dict[str, object] = {"role": "staff", "agency_id": "bukgu", **more}
    with psycopg.connect(site.settings.database_url) as conn:
        new = NewPerson(username, username.title(), **fields)  # type: ignore[arg-type]
        return staff.add(conn, uuid4(), new, passwords.hash(password))


def sign_in(browser: TestClient, username: str, password: str = PASSWORD, **more: str) -> Answer:
    return browser.post("/staff/sign-in", data={"username": username, "password": password, **more})


def owner(site: Town, statement: str, *parameters: object) -> None:
    with psycopg.connect(site.settings.database_url) as conn:
        conn.execute(statement.encode(), parameters)


def test_a_person_signs_in_acts_and_signs_out(desk: Town, browser: TestClient) -> None:
    han = hire(desk, "han")
    there = browser.get("/staff/test?state=routed")
    assert there.status_code == 303
    assert there.headers["location"] == "/staff/sign-in?next=%2Fstaff%2Ftest%3Fstate%3Drouted"
    page = browser.get(there.headers["location"])
    goal = re.findall(r'name="next" value="([^"]+)"', page.text)
    answer = sign_in(browser, "han", next=goal[0])
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/test?state=routed")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for mark in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert mark in cookie
    assert "Domain" not in cookie
    shown = browser.get("/staff/test").json()
    assert (shown["name"], shown["role"]) == (han.name, "staff")
    sent = {"words": "글", "csrf": shown["csrf"]}
    assert browser.post("/staff/test", data=sent).json() == {"words": "글"}
    assert browser.post("/staff/sign-out", data={"csrf": shown["csrf"]}).status_code == 303
    assert browser.get("/staff/test").status_code == 303
    logged = desk.rows(
        "SELECT action, address FROM audit_log WHERE actor = %s ORDER BY id", han.name
    )
    assert logged == [("sign_in", "testclient"), ("sign_out", "testclient")]


def test_the_database_holds_no_token_and_no_password(desk: Town, browser: TestClient) -> None:
    one = hire(desk, "dumped")
    sign_in(browser, "dumped")
    token = browser.cookies[COOKIE]
    assert len(token) * 4 == 128
    held = desk.rows("SELECT token_sha256 FROM staff_sessions WHERE staff_id = %s", one.id)
    assert [bytes(row[0]) for row in held] == [sessions.digest(token)]
    ((stored,),) = desk.rows("SELECT password_hash FROM staff WHERE id = %s", one.id)
    assert stored.startswith("$argon2id$")


@pytest.mark.parametrize("csrf", ["", "0" * 64, "other", None])
def test_a_form_needs_the_token_of_its_own_session(
    csrf: str | None, desk: Town, browser: TestClient
) -> None:
    name = f"form-{csrf}".lower()[:20]
    hire(desk, name)
    sign_in(browser, name)
    other = TestClient(desk.client.app, "https://testserver", headers=BROWSER)
    hire(desk, f"{name}-other")
    sign_in(other, f"{name}-other")
    theirs = other.get("/staff/test").json()["csrf"]
    sent = {} if csrf is None else {"csrf": theirs if csrf == "other" else csrf}
    refused = browser.post("/staff/test", data={"words": "글", **sent})
    assert refused.status_code == 403
    assert words("ko")("sign_in.unsent.again") in refused.text
    own = browser.get("/staff/test").json()["csrf"]
    assert browser.post("/staff/test", headers={"X-CSRF-Token": own}).status_code == 200
    foreign = {"Sec-Fetch-Site": "cross-site", "X-CSRF-Token": own}
    assert browser.post("/staff/test", headers=foreign).status_code == 403


def test_a_session_ends_when_it_is_left_and_at_its_end(desk: Town, browser: TestClient) -> None:
    one = hire(desk, "idle")
    back = "UPDATE staff_sessions SET used_at = used_at - interval '20 minutes' WHERE staff_id = %s"
    sign_in(browser, "idle")
    owner(desk, back, one.id)
    assert browser.get("/staff/test-quiet").status_code == 200
    owner(desk, back, one.id)
    assert browser.get("/staff/test").status_code == 303
    sign_in(browser, "idle")
    for _ in range(3):
        owner(desk, back, one.id)
        assert browser.get("/staff/test").status_code == 200
    owner(desk, "UPDATE staff_sessions SET expires_at = now() WHERE staff_id = %s", one.id)
    assert browser.get("/staff/test").status_code == 303


def test_signing_in_again_leaves_no_old_session(desk: Town, browser: TestClient) -> None:
    hire(desk, "twice")
    sign_in(browser, "twice")
    first = browser.cookies[COOKIE]
    sign_in(browser, "twice")
    assert browser.cookies[COOKIE] != first
    assert desk.rows(OWN_SESSION, "twice") == [(1,)]


def test_a_session_that_someone_planted_is_not_taken_over(desk: Town, browser: TestClient) -> None:
    hire(desk, "planted")
    browser.cookies.set(COOKIE, "0" * 32, domain="testserver.local", path="/")
    sign_in(browser, "planted")
    ((held,),) = desk.rows(
        "SELECT token_sha256 FROM staff_sessions s JOIN staff p ON p.id = s.staff_id "
        "WHERE username = 'planted'"
    )
    assert bytes(held) != sessions.digest("0" * 32)


def test_signing_out_everywhere_ends_all(desk: Town, browser: TestClient) -> None:
    hire(desk, "many")
    others = [TestClient(desk.client.app, "https://testserver") for _ in range(2)]
    for one in [*others, browser]:
        sign_in(one, "many")
    csrf = browser.get("/staff/test").json()["csrf"]
    browser.post("/staff/sign-out", data={"csrf": csrf, "everywhere": "yes"})
    assert desk.rows(OWN_SESSION, "many") == [(0,)]


def test_an_account_switched_off_or_given_a_new_password_is_out(
    desk: Town, browser: TestClient
) -> None:
    one = hire(desk, "leaver")
    sign_in(browser, "leaver")
    with psycopg.connect(desk.settings.database_url) as conn:
        staff.set_password(conn, one.id, passwords.hash("another long password"))
    assert browser.get("/staff/test").status_code == 303
    sign_in(browser, "leaver", "another long password")
    owner(desk, "UPDATE staff SET active = false WHERE id = %s", one.id)
    assert browser.get("/staff/test").status_code == 303
    assert sign_in(browser, "leaver", "another long password").status_code == 401


def test_nobody_locks_themselves_out(desk: Town, browser: TestClient) -> None:
    chief = hire(desk, "chief", role="admin", agency_id=None)
    sign_in(browser, "chief")
    token = browser.get("/staff/test").json()["csrf"]
    for deed in ("password", "switch"):
        refused = browser.post(f"/staff/people/{chief.id}/{deed}", data={"csrf": token})
        assert refused.status_code == 403
    assert browser.get("/staff/test").status_code == 200


def test_what_is_wrong_is_not_told(desk: Town, browser: TestClient) -> None:
    hire(desk, "known")
    with psycopg.connect(desk.settings.database_url) as conn:
        staff.add(conn, uuid4(), NewPerson("no-password", "x", "triage"))
    tried = [("known", "wrong wrong wrong"), ("nobody", PASSWORD), ("no-password", PASSWORD)]
    tried += [
        ("known", ""),
        ("", ""),
        ("known' OR 1=1 --", "x"),
        ("\0", "\0"),
        ("known", "x" * 5000),
    ]
    pages = [sign_in(browser, *each) for each in tried]
    assert {page.status_code for page in pages} == {401}
    assert len({page.text for page in pages}) == 1
    assert sign_in(browser, "x" * 10_000).status_code == 413


def test_after_five_failures_a_name_waits_whether_it_exists_or_not(
    desk: Town, browser: TestClient
) -> None:
    hire(desk, "guessed")
    answers = {
        name: [sign_in(browser, name, "wrong wrong wrong") for _ in range(7)]
        for name in ("guessed", "no-such-name")
    }
    for given in answers.values():
        assert [answer.status_code for answer in given] == [401] * 5 + [429] * 2
        assert 1 <= int(given[-1].headers["retry-after"]) <= attempts.FIRST_BLOCK_SECONDS
    assert sign_in(browser, "guessed").status_code == 429
    owner(desk, "UPDATE sign_in_attempts SET blocked_until = now() - interval '1 second'")
    assert sign_in(browser, "guessed").status_code == 303
    assert sign_in(browser, "no-such-name").status_code == 401
    again = sign_in(browser, "no-such-name")
    assert again.status_code == 429
    assert int(again.headers["retry-after"]) > attempts.FIRST_BLOCK_SECONDS


def test_many_guesses_at_once_gain_nothing(desk: Town) -> None:
    hire(desk, "raced")

    def guess() -> int:
        one = TestClient(desk.client.app, "https://testserver", headers=BROWSER)
        return sign_in(one, "raced", "wrong wrong wrong").status_code

    statuses = at_once([guess] * 16, 8)
    assert statuses.count(401) <= attempts.NAME_LIMIT
    assert set(statuses) <= {401, 429}


def test_an_address_waits_after_fifty_failures(desk: Town) -> None:
    with psycopg.connect(desk.settings.database_url) as conn:
        for number in range(attempts.ADDRESS_LIMIT):
            attempts.count(conn, f"name-{number}", "2001:db8::1")
        with pytest.raises(attempts.TooManySignIns):
            attempts.count(conn, "fresh", "2001:db8::ffff")
        attempts.count(conn, "fresh", "2001:db8:0:1::1")
        conn.rollback()


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    waits = [attempts.block_seconds(n, 5) for n in range(3, 13)]
    assert waits == [0, 0, 30, 60, 120, 240, 480, 900, 900, 900]
    assert attempts.block_seconds(10**6, 5) == 900


@pytest.mark.parametrize(
    ("goal", "kept"),
    [
        ("/staff/cases/1?x=2", True),
        ("/dashboard", True),
        ("https://evil.example/staff", False),
        ("//evil.example/staff", False),
        ("/\\evil.example", False),
        ("/staff//../..//evil\r\nSet-Cookie: a=b", False),
        ("/staffroom", False),
        ("", False),
        ("/staff/" + "x" * 2000, False),
    ],
)
def test_signing_in_leads_only_to_pages_of_staff(goal: str, kept: bool) -> None:
    assert local_path(goal) == (goal if kept else "/staff")


def test_workers_sweep_away_what_is_over(desk: Town, browser: TestClient) -> None:
    one = hire(desk, "swept")
    sign_in(browser, "swept")
    sign_in(browser, "swept-nobody")
    owner(desk, "UPDATE staff_sessions SET expires_at = now() WHERE staff_id = %s", one.id)
    owner(desk, "UPDATE sign_in_attempts SET last_at = now() - interval '2 days'")
    with psycopg.connect(conninfo(desk.settings.database_url, WORKER)) as conn:
        sessions.forget_ended(conn)
    assert desk.rows(OWN_SESSION, "swept") == [(0,)]
    assert desk.rows("SELECT count(*) FROM sign_in_attempts") == [(0,)]
