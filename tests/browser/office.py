"""People with accounts at a served site, and their browsers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
from playwright.sync_api import Browser
from uuid_utils.compat import uuid7

from services.access import passwords, staff
from services.access.staff import NewPerson
from services.web.language import words
from tests.browser.conftest import Served
from tests.browser.visitor import Visitor
from tests.running import post

PASSWORD = "correct horse battery"


def hire(served: Served, username: str, name: str, **more: Any) -> staff.Person:
    """An account of the northern district's staff, unless `more` says otherwise."""
    given: dict[str, Any] = {"role": "staff", "agency_id": "bukgu", **more}
    with psycopg.connect(served.settings.database_url) as conn:
        new = NewPerson(username, name, **given)
        return staff.add(conn, uuid7(), new, passwords.hash(PASSWORD))


@contextmanager
def signed_in(
    browser: Browser, served: Served, username: str, *, width: int = 1280, language: str = "ko"
) -> Iterator[Visitor]:
    with Visitor.opened(browser, served.url, width=width, language=language) as someone:
        someone.go(f"/staff/sign-in?lang={language}")
        someone.page.fill("#username", username)
        someone.page.fill("#password", PASSWORD)
        press(someone, "sign_in.submit")
        someone.page.wait_for_url(f"{served.url}/staff")
        yield someone


def press(someone: Visitor, name: str) -> None:
    someone.page.get_by_role("button", name=words(someone.language)(name), exact=True).click()


def file(served: Served, body: dict[str, Any]) -> str:
    """The id of a complaint that a channel filed; `served.work()` places it."""
    headers = {"Authorization": f"Bearer {served.keys['channel']}"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=30) as client:
        return str(post(client, body)["id"])
