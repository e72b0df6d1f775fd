"""Notices are sent again and calls noted; agencies' endpoints get secrets, tests and deliveries."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from services.cases.deadline import statutory_clock
from services.city import CityPack
from services.database import WORKER, Database
from services.notices import senders
from services.notices.desk import NoticeDesk
from services.web.language import words
from tests.browser.conftest import Served
from tests.browser.office import file, hire, press, signed_in
from tests.browser.visitor import Visitor
from tests.integration.api.town import at_once, place, web

CONTACT = {"phone": "010-1234-5678", "email": "citizen@example.org"}


@pytest.fixture(scope="module")
def office(served: Served, pack: CityPack) -> Iterator[NoticeDesk]:
    """Who sends notices; nothing is set up to send them by."""
    hire(served, "head", "민관리", is_manager=True)
    hire(served, "boss", "장총괄", role="supervisor", agency_id=None)
    database = Database(served.settings.database_url, WORKER)
    database.open()
    yield NoticeDesk(database, senders.build(served.settings, pack), statutory_clock(pack))
    database.close()


def told_by(served: Served, office: NoticeDesk, reply_by: str) -> str:
    id = file(served, web(contact={**CONTACT, "reply_by": reply_by}))
    place(served.settings, [id])
    send(office)
    return id


def send(office: NoticeDesk) -> None:
    """As a worker does; the browser's own event loop holds this thread."""
    at_once([office.drain], 1)


def said(someone: Visitor, name: str) -> None:
    expect(someone.page.locator("[data-said]")).to_have_text(
        words(someone.language)(f"staff.said.{name}")
    )


@pytest.mark.parametrize(("width", "language"), [(1280, "ko"), (360, "en")])
def test_what_could_not_be_sent_is_sent_again(
    browser: Browser, served: Served, office: NoticeDesk, width: int, language: str
) -> None:
    told_by(served, office, "email")
    say = words(language)
    with signed_in(browser, served, "boss", width=width, language=language) as boss:
        boss.go("/staff/notices?tab=unsent")
        expect(boss.page.locator("tbody tr").first).to_contain_text(say("telling.error.no_sender"))
        boss.check("staff-notices")
        boss.page.locator("tbody button").first.click()
        said(boss, "notice_retried")
        boss.go("/staff/notices?tab=waiting")
        expect(boss.page.locator("tbody tr").first).to_contain_text(say("telling.state.waiting"))
        send(office)
        boss.go("/staff/notices")
        expect(boss.page.locator("tbody tr").first).to_contain_text(say("telling.state.unsent"))


def test_a_call_that_was_made_is_noted(
    browser: Browser, served: Served, office: NoticeDesk
) -> None:
    id = told_by(served, office, "phone")
    moved = httpx.post(
        f"{served.url}/v1/cases/{id}/transfer-out",
        headers={"Authorization": f"Bearer {served.keys['triage']}", "If-Match": "*"},
        json={"reason": "전기 공급은 공급사 소관입니다.", "agency": "공급사"},
    )
    assert moved.status_code == 200, moved.text
    send(office)
    with signed_in(browser, served, "boss") as boss:
        boss.go("/staff/notices?tab=task")
        expect(boss.page.locator("tbody")).to_contain_text(words("ko")("telling.channel.phone"))
        boss.page.locator("tbody button").click()
        said(boss, "notice_done")
        expect(boss.page.locator("tbody")).to_have_count(0)


@pytest.mark.parametrize(("width", "language"), [(1280, "ko"), (360, "en")])
def test_an_endpoint_from_its_first_secret_to_its_end(
    browser: Browser, served: Served, office: NoticeDesk, width: int, language: str
) -> None:
    say = words(language)
    with signed_in(browser, served, "head", width=width, language=language) as head:
        page = head.page
        head.go("/staff/webhooks")
        page.fill("#url", "http://127.0.0.1/hook")
        press(head, "telling.webhooks.add")
        expect(page.locator("[data-error-summary]")).to_be_focused()
        expect(page.locator("#url")).to_have_value("http://127.0.0.1/hook")
        head.check("staff-webhooks")
        page.fill("#url", "https://agency.invalid/hook")
        press(head, "telling.webhooks.add")
        said(head, "endpoint_added")
        first = page.locator("[data-secret]").inner_text()
        page.reload()
        expect(page.locator("[data-secret]")).to_have_count(0)
        page.locator("summary", has_text=say("telling.webhooks.rotate")).click()
        press(head, "telling.webhooks.rotate")
        said(head, "secret_rotated")
        second = page.locator("[data-secret]").inner_text()
        assert first.startswith("whsec_")
        assert second not in ("", first)
        press(head, "telling.webhooks.test")
        said(head, "test_sent")
        send(office)
        page.reload()
        expect(page.locator("tbody tr")).to_contain_text(say("telling.type.ping"))
        head.check("staff-webhook")
        page.locator("tbody button").click()
        said(head, "redelivered")
        page.locator("summary", has_text=say("telling.webhooks.remove")).click()
        press(head, "telling.webhooks.remove")
        said(head, "endpoint_removed")
        expect(page.locator("tbody")).to_have_count(0)
