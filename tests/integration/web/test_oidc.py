"""Sign-in through an OpenID provider that really runs, and all that it must not let in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import psycopg
import pytest
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from services.access import staff
from services.access.staff import NewPerson
from services.settings import Access
from services.stack.postgres import EmbeddedPostgres
from services.web.app import create_app
from services.web.staff_sign_in import FLOW_COOKIE
from services.web.visits import COOKIE
from tests.conftest import install
from tests.integration.api.town import Answer
from tests.integration.web.provider import CLIENT_ID, CLIENT_SECRET, Provider, served

ISSUED = "SELECT oidc_issuer, oidc_subject FROM staff WHERE username = %s"


@dataclass(frozen=True, slots=True)
class Office:
    """A site whose staff sign in with `provider`."""

    provider: Provider
    app: Any
    url: str

    def browser(self) -> TestClient:
        headers = {"Accept": "text/html"}
        return TestClient(self.app, "https://testserver", headers=headers, follow_redirects=False)

    def hire(self, username: str, **more: object) -> staff.Person:
        fields: dict[str, object] = {"role": "triage", **more}
        with psycopg.connect(self.url) as conn:
            new = NewPerson(username, username.title(), **fields)  # type: ignore[arg-type]
            return staff.add(conn, uuid4(), new)

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as conn:
            return conn.execute(statement.encode(), parameters).fetchall()


@pytest.fixture(scope="module")
def office(postgres: EmbeddedPostgres, template: dict[str, Any], worker: str) -> Iterator[Office]:
    settings = install(postgres, template, worker, log_level="ERROR").settings
    with served() as provider:
        access = Access(
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT_ID,
            oidc_client_secret=CLIENT_SECRET,
        )
        app = create_app(replace(settings, access=access))
        with TestClient(app):
            yield Office(provider, app, settings.database_url)


def there(browser: TestClient) -> str:
    """Through the provider, up to the address it sends the browser back to."""
    start = browser.get("/staff/oidc/start?next=/staff/queue")
    assert start.status_code == 303, start.text
    answer = httpx.get(start.headers["location"])
    assert answer.status_code == 302
    return answer.headers["location"]


def signed_in(office: Office, browser: TestClient, **claims: Any) -> Answer:
    office.provider.claims = claims
    return browser.get(there(browser))


def test_a_known_subject_gets_in_where_they_wanted_to_go(office: Office) -> None:
    han = office.hire("han", oidc_issuer=office.provider.issuer, oidc_subject="han-1")
    browser = office.browser()
    answer = signed_in(office, browser, sub="han-1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/queue")
    assert COOKIE in browser.cookies
    assert FLOW_COOKIE not in browser.cookies
    held = office.rows("SELECT 1 FROM staff_sessions WHERE staff_id = %s", han.id)
    assert len(held) == 1


def test_a_verified_address_opens_an_account_made_beforehand_and_binds_it(office: Office) -> None:
    office.hire("lee", email="Lee@example.org")
    claims = {"sub": "lee-1", "email": "lee@example.org"}
    for unverified in ({}, {"email_verified": False}, {"email_verified": "true"}):
        assert signed_in(office, office.browser(), **claims, **unverified).status_code == 403
    answer = signed_in(office, office.browser(), **claims, email_verified=True)
    assert answer.status_code == 303
    assert office.rows(ISSUED, "lee") == [(office.provider.issuer, "lee-1")]
    assert signed_in(office, office.browser(), sub="lee-1").status_code == 303
    other = signed_in(
        office, office.browser(), sub="other", email="lee@example.org", email_verified=True
    )
    assert other.status_code == 403


def test_an_unknown_subject_gets_no_account(office: Office) -> None:
    before = office.rows("SELECT count(*) FROM staff")
    browser = office.browser()
    answer = signed_in(office, browser, sub="stranger", email="x@example.org", email_verified=True)
    assert answer.status_code == 403
    assert COOKIE not in browser.cookies
    assert office.rows("SELECT count(*) FROM staff") == before


def test_an_account_switched_off_stays_out(office: Office) -> None:
    gone = office.hire("gone", oidc_issuer=office.provider.issuer, oidc_subject="gone-1")
    with psycopg.connect(office.url) as conn:
        staff.set_active(conn, gone.id, active=False)
    assert signed_in(office, office.browser(), sub="gone-1").status_code == 403


@pytest.fixture
def kim(office: Office) -> str:
    """The subject of someone who has an account."""
    subject = f"kim-{uuid4()}"
    office.hire(subject, oidc_issuer=office.provider.issuer, oidc_subject=subject)
    return subject


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
        {"exp": None},
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"aud": [CLIENT_ID, "another client"], "azp": "another client"},
        {"sub": None},
    ],
    ids=lambda claims: "-".join(claims),
)
def test_an_id_token_that_does_not_fit_opens_nothing(
    claims: dict[str, Any], office: Office, kim: str
) -> None:
    browser = office.browser()
    answer = signed_in(office, browser, **{"sub": kim, **claims})
    assert answer.status_code == 401
    assert COOKIE not in browser.cookies
    assert signed_in(office, browser, sub=kim).status_code == 303


def test_a_token_signed_by_someone_else_opens_nothing(office: Office, kim: str) -> None:
    kid = {"kid": office.provider.key.kid or ""}
    office.provider.signing_key = RSAKey.generate_key(2048, parameters=kid)  # type: ignore[arg-type]
    try:
        assert signed_in(office, office.browser(), sub=kim).status_code == 401
    finally:
        office.provider.signing_key = None


def test_a_new_key_of_the_provider_is_fetched(office: Office, kim: str) -> None:
    assert signed_in(office, office.browser(), sub=kim).status_code == 303
    office.provider.key = RSAKey.generate_key(2048, auto_kid=True)
    assert signed_in(office, office.browser(), sub=kim).status_code == 303


def test_a_state_is_used_once_and_by_the_browser_that_began(office: Office, kim: str) -> None:
    office.provider.claims = {"sub": kim}
    browser, other = office.browser(), office.browser()
    back = there(browser)
    assert other.get(back).status_code == 401
    state = parse_qs(urlsplit(back).query)["state"][0]
    flow = browser.cookies[FLOW_COOKIE]
    assert browser.get(back).status_code == 303
    browser.cookies.set(FLOW_COOKIE, flow, domain="testserver.local", path="/")
    assert browser.get(back).status_code == 401
    fresh = there(browser).replace("state=", "was=") + f"&state={state}"
    assert browser.get(fresh).status_code == 401


def test_a_sign_in_that_took_too_long_begins_again(office: Office, kim: str) -> None:
    office.provider.claims = {"sub": kim}
    browser = office.browser()
    back = there(browser)
    with psycopg.connect(office.url) as conn:
        conn.execute("UPDATE sign_in_flows SET created_at = now() - interval '11 minutes'")
    assert browser.get(back).status_code == 401


@pytest.mark.parametrize(
    "change", [("code=", "code=x"), ("code=", "error="), ("iss=http", "iss=https")]
)
def test_an_answer_that_was_changed_on_the_way_opens_nothing(
    change: tuple[str, str], office: Office, kim: str
) -> None:
    office.provider.claims = {"sub": kim}
    browser = office.browser()
    assert browser.get(there(browser).replace(*change)).status_code == 401
    assert COOKIE not in browser.cookies


def test_without_a_provider_there_is_no_such_page(site: Any) -> None:
    assert site.client.get("/staff/oidc/start").status_code == 404
