"""The caller's page on a telephone, 360 px wide, in both languages, with and without a script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload

from services.database import CITY
from tests.browser.conftest import Served
from tests.browser.visitor import Visitor

SMALLEST_TARGET = 44
HEAVIEST = 30_000
"""Bytes of a screen with all that it loads, headers included, as they are sent."""
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"\0" * 64 + b"\xff\xd9"
LABELS = {
    "ko": ["동의하고 시작하기", "도로·가로등", "가로등·보안등이 꺼졌어요", "다음", "접수하기"],
    "en": ["Agree and start", "Roads and street lights", "Street light is out", "Next", "Send"],
}


@pytest.fixture(params=["ko", "en"])
def caller(request: pytest.FixtureRequest, served: Served, browser: Browser) -> Iterator[Visitor]:
    with Visitor.opened(browser, served.url, width=360, language=request.param) as someone:
        yield someone


def open_session(served: Served, language: str = "ko") -> Any:
    key = {"Authorization": f"Bearer {served.keys['channel']}"}
    body = {"language": language}
    answer = httpx.post(f"{served.url}/v1/visual-ars/sessions", headers=key, json=body)
    assert answer.status_code == 201
    return answer.json()


def look(caller: Visitor, name: str) -> None:
    """Hold a screen against the rules of every page, and its targets against a finger."""
    caller.check(f"caller-{name}")
    for box in caller.page.locator("main button:visible, main a:visible, main select").all():
        size = box.bounding_box()
        assert size is not None
        assert min(size["width"], size["height"]) >= SMALLEST_TARGET, box.inner_text()


def test_every_screen_on_a_telephone(served: Served, caller: Visitor) -> None:
    page, labels = caller.page, LABELS[caller.language]
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 35.1795, "longitude": 126.9105})
    caller.go(open_session(served, caller.language)["visual_url"])
    look(caller, "greeting")
    start, group, leaf, following, send = labels
    page.get_by_role("button", name=start).click()
    look(caller, "menu")
    page.get_by_role("button", name=group).click()
    look(caller, "group")
    page.get_by_role("button", name=leaf).click()
    look(caller, "write")
    page.locator("textarea").fill("골목이 캄캄해요")
    page.get_by_role("button", name=following).click()
    look(caller, "place")
    page.locator("[data-locate]").click()
    page.locator("[data-located]:not(:empty)").wait_for()
    page.select_option("select", "북구 용봉동")
    page.get_by_role("button", name=following).click()
    look(caller, "photo")
    page.locator("button[value=_next]").click()
    look(caller, "check")
    page.get_by_role("button", name=send, exact=True).click()
    page.locator(".notice.success").wait_for()
    look(caller, "receipt")
    number = page.locator("dd").first.inner_text()
    database = served.app.state.backend.database
    with database.transaction(CITY) as conn:
        row = conn.execute(
            "SELECT lat, address FROM cases WHERE receipt_number = %s", [number]
        ).fetchone()
    assert row == (35.1795, "광주광역시 북구 용봉동")


class Ars:
    """The other end of a call: what is said there moves the page."""

    def __init__(self, served: Served, name: str) -> None:
        self.served, self.seq = served, 0
        self.key = {"Authorization": f"Bearer {served.keys['channel']}"}
        body = {"call_id": name, "notices": {"recording": True, "ai": True}}
        served.app.state.backend.engine.wait(30)
        opened = httpx.post(f"{served.url}/v1/calls", headers=self.key, json=body).json()
        self.call, self.page = f"{served.url}/v1/calls/{opened['id']}", opened["visual_url"]

    def turn(self, event: str, **blocks: Any) -> Any:
        self.seq += 1
        body = {"turn_seq": self.seq, "event": event, **blocks}
        answer = httpx.post(f"{self.call}/turns", headers=self.key, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def say(self, text: str) -> Any:
        return self.turn("speech", speech={"text": text})

    def end(self) -> None:
        httpx.post(f"{self.call}/end", headers=self.key)


SPOKEN = {"ko": "무엇을 도와드릴까요?", "en": "How can we help you?"}


def test_a_live_call_moves_the_page_and_a_tap_moves_the_call(
    served: Served, caller: Visitor
) -> None:
    page, ars = caller.page, Ars(served, f"browser-{caller.language}")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 35.1795, "longitude": 126.9105})
    caller.go(ars.page)
    if caller.language == "en":
        page.locator("button[value=english]").click()
    page.get_by_text(SPOKEN[caller.language]).wait_for()
    look(caller, "call")
    page.locator("a[href$='at=info']").click()
    look(caller, "call-menu")
    page.locator("button[value=info-lost]").click()
    page.locator(".answer").wait_for()
    look(caller, "call-answer")
    choices = page.locator("main form button").all()
    assert [one.get_attribute("value") for one in choices] == ["yes", "no", "person", "_form"]
    ars.say("가로등이 나가서 캄캄해요")
    page.locator("select[name=dong]").wait_for()
    look(caller, "call-place")
    page.locator("[data-locate]").click()
    page.locator("[data-located]:not(:empty)").wait_for()
    page.select_option("select[name=dong]", "북구 용봉동")
    page.locator("button[value=_form]").click()
    page.locator("button[value=yes]").wait_for()
    picture: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": JPEG}
    page.set_input_files("#photo", picture)
    page.locator("form[action$=photo] button").click()
    page.locator(".sent-photos").wait_for()
    look(caller, "call-confirm")
    page.locator("button[value=yes]").click()
    page.locator(".notice.success").wait_for()
    look(caller, "call-filed")
    case = ars.turn("no_input")["case"]
    number, code = page.locator("dd").all_inner_texts()
    assert case["receipt_number"] == number
    track = httpx.get(f"{served.url}/v1/track/{number}", params={"code": code})
    assert track.status_code == 200
    with served.app.state.backend.database.transaction(CITY) as conn:
        row = conn.execute(
            "SELECT lat, (SELECT count(*) FROM attachments a WHERE a.case_id = c.id)"
            " FROM cases c WHERE receipt_number = %s",
            [number],
        ).fetchone()
    assert row == (35.1795, 1)
    ars.end()
    page.locator("[data-rev$=ended]").wait_for()
    look(caller, "call-ended")


def test_typed_words_a_stale_tap_and_a_lost_connection(served: Served, browser: Browser) -> None:
    ars = Ars(served, "browser-lost")
    with Visitor.opened(browser, served.url, width=360) as caller:
        page = caller.page
        caller.go(ars.page)
        page.context.set_offline(True)
        ars.say("가로등이 나가서 캄캄해요")  # the page does not learn of it
        page.context.set_offline(False)
        page.locator("select[name=dong]").wait_for()  # it asks again by itself
        caller.complaints.clear()  # the browser has told of the lost connection
        with Visitor.opened(browser, served.url, width=360) as other:
            other.go(ars.page)
            page.locator("select[name=dong]").select_option("북구 용봉동")
            page.locator("button[value=_form]").click()
            page.locator("button[value=yes]").wait_for()
            other.page.locator("button[value=yes]").wait_for()
        old = page.locator("input[name=rev]").first.input_value()
        page.locator("textarea").fill("네")
        page.locator("button[value=_form]").click()
        page.locator(".notice.success").wait_for()
        page.evaluate("for (const f of document.querySelectorAll('[name=rev]')) f.value = " + old)
        page.locator("button[value=yes]").click()  # of the screen before
        page.locator(".notice.success").wait_for()
        assert page.locator("dd").count() == 2
    ars.end()


def test_a_live_call_without_a_script(served: Served, browser: Browser) -> None:
    ars = Ars(served, "browser-plain")
    with Visitor.opened(browser, served.url, width=360, scripts=False) as caller:
        page = caller.page
        caller.go(ars.page)
        page.locator("textarea").fill("가로등이 나가서 캄캄해요")
        page.locator("button[value=_form]").click()
        page.select_option("select[name=dong]", "북구 용봉동")
        page.locator("button[value=_form]").click()
        page.locator("button[value=yes]").click()
        number = page.locator("dd").first.inner_text()
    assert ars.turn("no_input")["case"]["receipt_number"] == number
    ars.end()


def test_danger_people_and_an_old_link(served: Served, caller: Visitor) -> None:
    page = caller.page
    caller.go(open_session(served, caller.language)["visual_url"])
    page.locator("button[value=_start]").click()
    page.locator("button[value=connect]").click()
    look(caller, "connect")
    assert page.locator("a[href='tel:110']").is_visible()
    page.locator("button[value=_home]").click()
    page.locator("button[value=write]").click()
    page.evaluate("document.querySelector('form.stack').noValidate = true")
    page.locator("button[value=_next]").click()
    look(caller, "missing")
    caller.go("/v/AAAAAAAAAAAAAAAAAAAAAA")
    look(caller, "expired")


def test_a_menu_without_a_script(served: Served, browser: Browser) -> None:
    with Visitor.opened(browser, served.url, width=360, scripts=False) as caller:
        page = caller.page
        caller.go(open_session(served)["visual_url"])
        page.locator("button[value=_start]").click()
        page.locator("button[value=info]").click()
        page.locator("button[value=info-waste]").click()
        page.locator("button[value=info-bulky]").click()
        assert "대형폐기물" in page.locator("h1").inner_text()
        page.locator("button[value=_home]").click()
        page.locator("button[value=water]").click()
        page.locator("button[value=sewer]").click()
        page.locator("button[value=_next]").click()
        assert page.locator("select optgroup").count() == 5


def test_the_first_screen_is_light_on_the_wire(served: Served, browser: Browser) -> None:
    with Visitor.opened(browser, served.url, width=360) as caller:
        page, weights = caller.page, {}
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on(
            "Network.loadingFinished",
            lambda event: weights.update({event["requestId"]: event["encodedDataLength"]}),
        )
        caller.go(Ars(served, "browser-light").page)
        page.locator("textarea").wait_for()
        assert len(weights) >= 6
        assert sum(weights.values()) <= HEAVIEST, weights
