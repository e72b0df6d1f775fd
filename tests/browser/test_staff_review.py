"""The triage desk decides by mouse and by keys, a supervisor arbitrates what came back twice."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from services.web.language import words
from tests.browser.conftest import Served
from tests.browser.office import file, hire, press, signed_in
from tests.browser.visitor import Visitor
from tests.integration.api.town import place, web

GROUNDS = [{"code": "low_confidence", "text": "확신도가 기준보다 낮습니다."}]
TEXT = "용봉동 골목 가로등이 일주일째 꺼져 있어요"


@pytest.fixture(scope="module")
def desk(served: Served) -> Served:
    hire(served, "triage", "나분류", role="triage", agency_id=None)
    hire(served, "triage2", "오분류", role="triage", agency_id=None)
    hire(served, "boss", "장총괄", role="supervisor", agency_id=None)
    hire(served, "manager", "민관리", is_manager=True)
    return served


def in_review(served: Served, text: str = TEXT, **changes: Any) -> str:
    id = file(served, web(text))
    place(
        served.settings,
        [id],
        **{"state": "review", "district": "북구", "reasons": GROUNDS} | changes,
    )
    return id


def stands(served: Served, id: str) -> dict[str, Any]:
    key = {"Authorization": f"Bearer {served.keys['admin']}"}
    answer: dict[str, Any] = httpx.get(f"{served.url}/v1/cases/{id}", headers=key).json()
    return answer


def switch(someone: Visitor, *, on: bool) -> None:
    someone.page.keyboard.press("?")
    someone.page.locator("[data-keys-on]").set_checked(on)
    someone.page.keyboard.press("Escape")


def shown(someone: Visitor, text: str) -> None:
    expect(someone.page.locator(".complaint")).to_have_text(text)


@pytest.mark.parametrize(("width", "language"), [(1280, "ko"), (360, "en")])
def test_emergencies_come_first_and_the_next_opens(
    browser: Browser, desk: Served, width: int, language: str
) -> None:
    later = in_review(desk, "두 번째 글")
    urgent = in_review(desk, "가스 냄새가 나요", urgency=0)
    with signed_in(browser, desk, "triage", width=width, language=language) as someone:
        someone.go("/staff/review")
        shown(someone, "가스 냄새가 나요")
        expect(someone.page.locator("article .badge.danger").first).to_have_text(
            words(language)("staff.urgency.emergency")
        )
        someone.check("staff-review")
        someone.page.locator(".choice").nth(1).click()
        expect(someone.page.locator("[data-said]")).to_have_text(
            words(language)("staff.said.decided")
        )
        shown(someone, "두 번째 글")
        someone.page.locator(".choice").first.click()
        expect(someone.page.locator("[data-said]")).to_be_visible()
    assert (stands(desk, urgent)["service"], stands(desk, urgent)["state"]) == (
        "park-green",
        "routed",
    )
    assert stands(desk, later)["agency"] == "북구청"


def test_number_keys_decide_unless_switched_off(browser: Browser, desk: Served) -> None:
    first, second = in_review(desk, "첫째 글"), in_review(desk, "둘째 글")
    with signed_in(browser, desk, "triage") as someone:
        someone.go("/staff/review")
        shown(someone, "첫째 글")
        someone.page.keyboard.press("3")
        shown(someone, "둘째 글")
        assert stands(desk, first)["service"] == "noise"
        switch(someone, on=False)
        someone.page.keyboard.press("1")
        someone.page.reload()
        shown(someone, "둘째 글")
        switch(someone, on=True)
        someone.page.keyboard.press("1")
        expect(someone.page.locator(".complaint")).to_have_count(0)
    assert stands(desk, second)["service"] == "streetlight"


@pytest.mark.parametrize(("width", "language"), [(1280, "ko"), (360, "en")])
def test_where_the_place_is_unknown_an_office_is_one_press_away(
    browser: Browser, desk: Served, width: int, language: str
) -> None:
    id = in_review(desk, district=None)
    with signed_in(browser, desk, "triage", width=width, language=language) as someone:
        someone.go(f"/staff/review/{id}")
        someone.check("staff-review-offices")
        someone.page.keyboard.press("1")
        expect(someone.page.locator("#offices-1")).to_be_focused()
        someone.page.keyboard.press("Tab")
        someone.page.keyboard.press("Tab")
        expect(someone.page.locator("#offices-1 button", has_text="동구청")).to_be_focused()
        someone.page.locator("#offices-1 button", has_text="남구청").click()
        expect(someone.page.locator("[data-said]")).to_be_visible()
    assert (stands(desk, id)["service"], stands(desk, id)["agency"]) == ("streetlight", "남구청")


def test_another_service_is_searched_and_faults_keep_what_was_typed(
    browser: Browser, desk: Served
) -> None:
    id = in_review(desk)
    with signed_in(browser, desk, "triage", width=360) as someone:
        someone.go("/staff/review")
        someone.page.locator("summary", has_text=words("ko")("desk.other.title")).click()
        someone.page.fill("#service", "시내버스 운행 불편")
        someone.page.fill("#unit", "없는 기관")
        press(someone, "desk.other.submit")
        expect(someone.page.locator("[data-error-summary]")).to_be_focused()
        expect(someone.page.locator("#service")).to_have_value("시내버스 운행 불편")
        expect(someone.page.locator("#unit")).to_have_value("없는 기관")
        someone.check("staff-review-fault")
        someone.page.fill("#unit", "")
        press(someone, "desk.other.submit")
        expect(someone.page.locator("[data-said]")).to_be_visible()
    assert stands(desk, id)["agency"] == "광주광역시 대중교통과"


def test_whoever_comes_late_is_shown_who_decided(browser: Browser, desk: Served) -> None:
    in_review(desk)
    with signed_in(browser, desk, "triage") as one, signed_in(browser, desk, "triage2") as two:
        one.go("/staff/review")
        two.go("/staff/review")
        expect(two.page.locator("article")).to_contain_text("나분류")
        one.page.locator(".choice").first.click()
        expect(one.page.locator("[data-said]")).to_be_visible()
        two.page.locator(".choice").nth(1).click()
        expect(two.page.locator("[data-error-summary]")).to_contain_text("나분류")
        two.check("staff-review-late")


def test_what_belongs_outside_is_transferred_with_a_reason(browser: Browser, desk: Served) -> None:
    id = in_review(desk, "정전이 됐어요", candidates=[["electricity-gas", 0.4]])
    with signed_in(browser, desk, "triage") as someone:
        someone.go("/staff/review")
        someone.page.keyboard.press("1")
        expect(someone.page.locator("#to")).to_have_value("공급사")
        someone.page.fill("#reason", "전기 공급은 공급사 소관입니다.")
        press(someone, "desk.transfer.submit")
        expect(someone.page.locator("[data-said]")).to_be_visible()
    assert stands(desk, id)["state"] == "transferred_out"


@pytest.mark.parametrize(("width", "language"), [(1280, "ko"), (360, "en")])
def test_a_supervisor_arbitrates_for_good(
    browser: Browser, desk: Served, width: int, language: str
) -> None:
    id = file(desk, web(TEXT))
    place(desk.settings, [id], district="북구", reasons=GROUNDS)
    bounced = bounce_twice(desk, id)
    with signed_in(browser, desk, "boss", width=width, language=language) as boss:
        boss.go("/staff/arbitration")
        boss.check("staff-arbitration")
        boss.page.get_by_role("link", name=bounced).click()
        history = boss.page.locator(".timeline")
        expect(history).to_contain_text("우리 일이 아닙니다")
        expect(history).to_contain_text("서구청")
        boss.check("staff-arbitrate")
        boss.page.locator(".choice").first.click()
        expect(boss.page.locator("[data-said]")).to_have_text(
            words(language)("staff.said.arbitrated")
        )
        boss.go("/staff/overdue")
        boss.check("staff-overdue")
        boss.go("/staff/overdue/months")
        boss.check("staff-overdue-months")
    assert stands(desk, id)["bound"] is True


def bounce_twice(served: Served, id: str) -> str:
    """Send a case back from 북구청 and then from 서구청; returns its receipt number."""
    case = stands(served, id)
    for who, order in (
        (served.keys["staff"]["북구청"], None),
        (served.keys["triage"], {"service": "streetlight", "agency": "서구청"}),
        (served.keys["staff"]["서구청"], None),
    ):
        path = f"/v1/review/{id}/decide" if order else f"/v1/cases/{id}/reroute"
        answer = httpx.post(
            served.url + path,
            headers={"Authorization": f"Bearer {who}", "If-Match": f'"{case["version"]}"'},
            json=order or {"reason": "우리 일이 아닙니다."},
        )
        assert answer.status_code == 200, answer.text
        case = stands(served, id)
    assert case["state"] == "arbitration"
    return str(case["receipt_number"])


def test_only_their_roles_open_the_desks(browser: Browser, desk: Served) -> None:
    with signed_in(browser, desk, "manager") as manager:
        for path in ("/staff/review", "/staff/arbitration"):
            manager.go(path)
            expect(manager.page.locator("h1")).to_have_text(words("ko")("shell.fault.403.title"))
        manager.go("/staff/overdue")
        expect(manager.page.locator("h1")).to_have_text(words("ko")("desk.overdue.title"))
