"""A case from the queue to its end: claimed, answered, approved by another person, closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from services.web.language import words
from tests.browser.conftest import Served
from tests.browser.office import file, hire, press, signed_in
from tests.browser.visitor import Visitor

LAMP = "집 앞 가로등이 일주일째 꺼져 있어서 밤에 너무 어둡습니다. 연락처는 010-1234-5678입니다."
REPLY = "안녕하십니까. 말씀하신 가로등의 전구를 교체하였습니다. 불편을 드려 죄송합니다."
ANYONE = [(1280, "ko"), (360, "ko"), (360, "en")]


@pytest.fixture(scope="module", autouse=True)
def people(served: Served) -> None:
    hire(served, "lee", "이담당")
    hire(served, "choi", "최담당")
    hire(served, "park", "박결재", may_approve=True, is_manager=True)


def a_case(served: Served, text: str = LAMP, **more: Any) -> str:
    body = {"channel": "web", "web": {"body": text}, "location": {"dong": "두암2동"}, **more}
    id = file(served, body)
    served.work()
    return id


@pytest.fixture(params=ANYONE, ids=lambda p: f"{p[0]}-{p[1]}")
def lee(request: pytest.FixtureRequest, served: Served, browser: Browser) -> Iterator[Visitor]:
    width, language = request.param
    with signed_in(browser, served, "lee", width=width, language=language) as someone:
        yield someone


def said(someone: Visitor, name: str) -> None:
    expect(someone.page.locator("[data-said]")).to_have_text(
        words(someone.language)(f"staff.said.{name}")
    )


def unfold(someone: Visitor, action: str) -> None:
    title = words(someone.language)(f"staff.deed.{action}")
    someone.page.locator("summary", has_text=title).first.click()


def test_from_the_queue_to_a_result_told(lee: Visitor, served: Served, browser: Browser) -> None:
    contact = {"name": "김시민", "phone": "010-1234-5678", "reply_by": "none"}
    id = a_case(served, contact=contact, consent={"privacy": True, "ai_notice": True})
    lee.go(f"/staff/cases/{id}")
    expect(lee.page.locator("#complaint + p")).not_to_contain_text("1234")
    lee.check("staff-case-routed")
    press(lee, "staff.contact.show")
    expect(lee.page.locator("#contact ~ dl")).to_contain_text("010-1234-5678")
    lee.check("staff-case-contact")
    press(lee, "staff.deed.claim")
    said(lee, "did_claim")
    press(lee, "staff.deed.start")
    said(lee, "did_start")
    lee.page.fill("#submit-reply", REPLY)
    lee.page.select_option("#submit-outcome", "not_accepted")
    lee.page.locator("#editor").evaluate("form => form.noValidate = true")
    press(lee, "staff.deed.submit")
    expect(lee.page.locator("[data-error-summary]")).to_be_focused()
    expect(lee.page.locator("#submit-reply")).to_have_value(REPLY)
    lee.check("staff-case-fault")
    lee.page.select_option("#submit-outcome", "accepted")
    press(lee, "staff.deed.submit")
    said(lee, "did_submit")
    expect(
        lee.page.get_by_role("button", name=words(lee.language)("staff.deed.approve"))
    ).to_have_count(0)
    lee.check("staff-case-submitted")
    with signed_in(browser, served, "park", width=lee.width, language=lee.language) as park:
        park.go("/staff/approvals")
        park.check("staff-approvals")
        park.page.locator("[data-rows] tbody a").first.click()
        expect(park.page.locator("[data-others]")).to_contain_text("이담당")
        park.check("staff-case-approval")
        press(park, "staff.deed.approve")
        said(park, "did_approve")
        park.check("staff-case-resolved")
