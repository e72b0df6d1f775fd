"""The queue: one's own cases, the department's, filters, pages, the next case by one key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from services.web.language import words
from tests.browser.conftest import Served
from tests.browser.office import file, hire, signed_in
from tests.browser.visitor import Visitor

LAMP = "집 앞 가로등이 일주일째 꺼져 있어서 밤에 너무 어둡습니다."
PIT = "골목 보도블록이 깨져서 어르신이 넘어지셨어요. 보수해 주세요."
ANYONE = [(1280, "ko"), (360, "ko"), (360, "en")]


@pytest.fixture(scope="module", autouse=True)
def work(served: Served) -> None:
    hire(served, "lee", "이담당")
    for text in (LAMP, PIT, *(f"{n}번째 가로등이 꺼졌습니다." for n in range(32))):
        body = {"channel": "web", "web": {"body": text}, "location": {"dong": "두암2동"}}
        file(served, body)
    served.work()


@pytest.fixture(params=ANYONE, ids=lambda p: f"{p[0]}-{p[1]}")
def lee(request: pytest.FixtureRequest, served: Served, browser: Browser) -> Iterator[Visitor]:
    width, language = request.param
    with signed_in(browser, served, "lee", width=width, language=language) as someone:
        yield someone


def test_the_department_s_queue_is_searched_and_paged(lee: Visitor) -> None:
    lee.go("/staff")
    lee.check("staff-mine")
    lee.go("/staff/queue")
    lee.check("staff-queue")
    rows = lee.page.locator("[data-rows] tbody tr")
    expect(rows).to_have_count(30)
    lee.page.get_by_role("link", name=words(lee.language)("shell.pages.older")).click()
    assert 0 < rows.count() < 30
    lee.page.fill("#q", "보도블록")
    lee.page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("보도블록")


def test_the_next_case_comes_by_one_key_and_once(browser: Browser, served: Served) -> None:
    with signed_in(browser, served, "lee") as lee:
        lee.page.keyboard.press("?")
        expect(lee.page.locator("#keys")).to_be_visible()
        lee.check("staff-keys")
        lee.page.keyboard.press("Escape")
        form = lee.page.locator("form[action='/staff/claim']")
        sent: dict[str, str | float | bool] = {
            name: form.locator(f"[name={name}]").input_value() for name in ("csrf", "at")
        }
        lee.page.keyboard.press("c")
        lee.page.wait_for_url("**/staff/cases/*")
        opened = lee.page.url
        again = lee.page.request.post(f"{served.url}/staff/claim", form=sent)
        assert again.url == opened
