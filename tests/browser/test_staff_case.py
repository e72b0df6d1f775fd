"""A case from the queue to its end: claimed, answered, approved by another person, closed."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, expect

from services.cases.sweeping import close_answered
from services.web.language import words
from tests.browser.conftest import Served
from tests.browser.office import PASSWORD, file, hire, press, signed_in
from tests.browser.visitor import Visitor

LAMP = "집 앞 가로등이 일주일째 꺼져 있어서 밤에 너무 어둡습니다. 연락처는 010-1234-5678입니다."
REPLY = "안녕하십니까. 말씀하신 가로등의 전구를 교체하였습니다. 불편을 드려 죄송합니다."
PNG: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ANYONE = [(1280, "ko"), (360, "ko"), (360, "en")]


@pytest.fixture(scope="module", autouse=True)
def people(served: Served) -> None:
    hire(served, "lee", "이담당")
    hire(served, "choi", "최담당")
    hire(served, "park", "박결재", may_approve=True, is_manager=True)


def a_case(served: Served, text: str = LAMP, **more: Any) -> str:
    body = {"channel": "web", "web": {"body": text}, "location": {"dong": "두암2동"}, **more}
    id = file(served, {name: part for name, part in body.items() if part})
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


def resolve(served: Served, id: str) -> None:
    """Answer a case as the agency's own program does."""
    headers = {"Authorization": f"Bearer {served.keys['staff']['북구청']}", "If-Match": "*"}
    body = {"reply": REPLY, "outcome": "accepted"}
    orders: dict[str, Any] = {"assign": {"assignee": "choi"}, "start": {}, "submit": body}
    with httpx.Client(base_url=f"{served.url}/v1/cases/{id}/", headers=headers) as client:
        for action, order in {**orders, "approve": {}}.items():
            client.post(action, json=order).raise_for_status()


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
    worker = served.dispatcher
    close_answered(worker.database, worker.pack, worker.due_at)
    lee.go(f"/staff/cases/{id}")
    expect(lee.page.locator(".case-head")).to_contain_text(
        words(lee.language)("staff.state.closed")
    )
    with psycopg.connect(served.settings.database_url) as conn:
        read = conn.execute(
            "SELECT count(*) FILTER (WHERE action = 'read_contact'),"
            " count(*) FILTER (WHERE action = 'read_case') FROM audit_log WHERE case_id = %s",
            [id],
        ).fetchone()
    assert read is not None
    assert read[0] == 1
    assert read[1] >= 5


def test_by_the_keyboard_alone(served: Served, browser: Browser) -> None:
    id = a_case(served)
    with signed_in(browser, served, "lee") as lee:
        lee.go(f"/staff/cases/{id}")
        keys = lee.page.keyboard
        keys.press("a")
        said(lee, "did_claim")
        keys.press("n")
        expect(lee.page.locator("#note-text")).to_be_focused()
        keys.type("s is typed here, and begins nothing")
        keys.press("Tab")
        keys.press("Enter")
        said(lee, "did_note")
        keys.press("s")
        said(lee, "did_start")
        keys.press("r")
        expect(lee.page.locator("#submit-reply")).to_be_focused()
        keys.insert_text(REPLY)
        keys.press("Tab")
        keys.press("ArrowDown")
        expect(lee.page.locator("#submit-outcome")).to_have_value("accepted")
        for _ in range(4):
            keys.press("Tab")
        keys.press("Enter")
        said(lee, "did_submit")
        keys.press("u")
        lee.page.wait_for_url("**/staff")
    with signed_in(browser, served, "park") as park:
        park.go(f"/staff/cases/{id}")
        park.page.keyboard.press("y")
        said(park, "did_approve")
        park.page.keyboard.press("?")
        park.page.locator("[data-keys-on]").uncheck()
        park.page.keyboard.press("Escape")
        park.page.keyboard.press("n")
        expect(park.page.locator("#note-text")).to_have_count(0)


def test_what_changed_meanwhile_is_told_and_nothing_typed_is_lost(
    served: Served, browser: Browser
) -> None:
    id = a_case(served)
    with signed_in(browser, served, "lee") as lee, signed_in(browser, served, "choi") as choi:
        lee.go(f"/staff/cases/{id}")
        choi.go(f"/staff/cases/{id}")
        unfold(lee, "reroute")
        lee.page.fill("#reroute-reason", "도로과 소관으로 보입니다")
        press(choi, "staff.deed.claim")
        said(choi, "did_claim")
        press(lee, "staff.deed.reroute")
        fault = lee.page.locator(".notice.danger")
        expect(fault).to_contain_text(words("ko")("staff.fault.stale_version"))
        expect(fault).to_contain_text("최담당")
        expect(lee.page.locator("#reroute-reason")).to_have_value("도로과 소관으로 보입니다")
        lee.check("staff-case-stale")
        press(lee, "staff.deed.reroute")
        said(lee, "did_reroute")
        lee.go(f"/staff/cases/{id}")
        form = lee.page.locator("details", has=lee.page.locator("#note-text")).locator("form")
        sent: dict[str, str | float | bool] = {
            name: form.locator(f"input[name={name}]").input_value()
            for name in ("csrf", "version", "seen")
        }
        note = {**sent, "action": "note", "text": "두 번 눌린 메모"}
        for _ in range(2):
            lee.page.request.post(f"{served.url}/staff/cases/{id}", form=note)
        lee.go(f"/staff/cases/{id}")
        expect(lee.page.get_by_text("두 번 눌린 메모")).to_have_count(1)


def test_what_was_typed_outlives_the_session(served: Served, browser: Browser) -> None:
    id = a_case(served)
    with signed_in(browser, served, "lee", width=360) as lee:
        lee.go(f"/staff/cases/{id}")
        for lost in ("cookie", "token"):
            unfold(lee, "note")
            lee.page.fill("#note-text", "현장에 다녀왔습니다")
            if lost == "cookie":
                lee.page.context.clear_cookies(name="__Host-minwon")
            else:
                lee.page.eval_on_selector_all("[name=csrf]", "all => all.map(e => e.value = 'x')")
            press(lee, "staff.deed.note")
            expect(lee.page.locator("textarea[readonly]")).to_have_value("현장에 다녀왔습니다")
            lee.check(f"unsent-{lost}")
            lee.go(f"/staff/cases/{id}")
            if lost == "cookie":
                lee.page.fill("#username", "lee")
                lee.page.fill("#password", PASSWORD)
                press(lee, "sign_in.submit")
                lee.page.wait_for_url(f"**/staff/cases/{id}")


def test_a_call_its_likes_files_and_another_unit(served: Served, browser: Browser) -> None:
    turns = [
        {"speaker": "agent", "text": "무엇을 도와드릴까요?", "start_ms": 0},
        {"speaker": "caller", "text": "북구 두암2동인데 가로등이 꺼졌어요", "start_ms": 61_500},
    ]
    call = {"call_id": "call-1", "transcript": {"segments": turns}}
    old = a_case(served)
    id = a_case(served, channel="voice", web=None, voice=call)
    resolve(served, old)
    with signed_in(browser, served, "lee") as lee:
        lee.go(f"/staff/cases/{id}")
        expect(lee.page.locator(".talk .caller")).to_contain_text("1:01")
        press(lee, "staff.deed.claim")
        press(lee, "staff.deed.start")
        lee.page.fill("#submit-reply", "인사말")
        lee.page.locator("section[aria-labelledby=similar] summary").first.click()
        press(lee, "staff.case.copy")
        expect(lee.page.locator("#submit-reply")).to_have_value(f"인사말\n\n{REPLY}")
        lee.page.locator("summary", has_text=words("ko")("staff.case.templates")).click()
        lee.page.locator("button[name=begin][value^=template]").first.click()
        expect(lee.page.locator("#submit-reply")).not_to_have_value(f"인사말\n\n{REPLY}")
        lee.page.locator("summary", has_text=words("ko")("staff.case.files_add")).click()
        lee.page.fill("#submit-officer", "이담당")
        photo = {"name": "현장.png", "mimeType": "image/png", "buffer": PNG}
        lee.page.set_input_files("#files", photo)  # type: ignore[arg-type]
        press(lee, "staff.case.files_send")
        said(lee, "files_added")
        expect(lee.page.locator("#submit-officer")).to_have_value("이담당")
        with lee.page.expect_download() as loading:
            lee.page.get_by_role("link", name="현장.png").click()
        assert loading.value.path().read_bytes() == PNG
        unfold(lee, "cooperate")
        lee.page.select_option("#cooperate-department", label="건설과")
        lee.page.fill("#cooperate-text", "그 구간의 공사 계획을 알려 주세요.")
        lee.check("staff-case-working")
        press(lee, "staff.deed.cooperate")
        said(lee, "did_cooperate")
    with signed_in(browser, served, "choi", width=360, language="en") as choi:
        choi.go("/staff/cooperations")
        choi.check("staff-cooperations")
        choi.page.locator("textarea").fill("공사 계획이 없습니다.")
        press(choi, "staff.question.send")
        said(choi, "answered")
        choi.go(f"/staff/cases/{id}")
        expect(choi.page.locator(".case-head")).to_contain_text("In progress")
        expect(choi.page.locator("section[aria-labelledby=questions]")).to_contain_text(
            "공사 계획이 없"
        )
