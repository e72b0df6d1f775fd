"""The caller's page on a telephone, 360 px wide, in both languages, with and without a script."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from services.database import CITY
from services.settings import ROOT
from tests.browser.conftest import Served
from tests.browser.visitor import Visitor

SMALLEST_TARGET = 44
HEAVIEST = 30_000
"""Bytes of a screen with all that it loads, compressed as a proxy sends it."""
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


def test_a_live_call_moves_the_page_and_a_tap_moves_the_call(
    served: Served, browser: Browser
) -> None:
    key = {"Authorization": f"Bearer {served.keys['channel']}"}
    body = {"call_id": "browser-1", "notices": {"recording": True, "ai": True}}
    call = httpx.post(f"{served.url}/v1/calls", headers=key, json=body).json()
    turns = f"{served.url}/v1/calls/{call['id']}/turns"
    served.app.state.backend.engine.wait(30)
    with Visitor.opened(browser, served.url, width=360) as caller:
        page = caller.page
        caller.go(call["visual_url"])
        look(caller, "call")
        turn = {"turn_seq": 1, "event": "speech", "speech": {"text": "가로등이 나가서 캄캄해요"}}
        assert httpx.post(turns, headers=key, json=turn).status_code == 200
        page.locator("select[name=dong]").wait_for()
        look(caller, "call-place")
        page.select_option("select[name=dong]", "북구 용봉동")
        page.locator("button[value=_form]").click()
        page.locator("button[value=yes]").wait_for()
        look(caller, "call-confirm")
        page.locator("button[value=yes]").click()
        page.locator(".notice.success").wait_for()
        turn = {"turn_seq": 2, "event": "no_input"}
        answer = httpx.post(turns, headers=key, json=turn).json()
        assert answer["case"]["receipt_number"] == page.locator("dd").inner_text()
        httpx.post(f"{turns.removesuffix('turns')}end", headers=key)
        page.locator("[data-rev$=ended]").wait_for()
        look(caller, "call-ended")


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


def test_without_a_script_and_in_few_bytes(served: Served, browser: Browser) -> None:
    with Visitor.opened(browser, served.url, width=360, scripts=False) as caller:
        page, weights = caller.page, {}
        page.on("response", lambda r: weights.update({r.url: len(gzip.compress(r.body()))}))
        url = open_session(served)["visual_url"]
        caller.go(url)
        page.locator("button[value=_start]").click()
        page.locator("button[value=water]").click()
        page.locator("button[value=sewer]").click()
        page.locator("button[value=_next]").click()
        page.wait_for_load_state("networkidle")
        assert page.locator("select optgroup").count() == 5
        scripts = ROOT / "services" / "web" / "static"
        files = {u: size for u, size in weights.items() if "/static/" in u}
        heavy = sum(files.values()) + max(weights[u] for u in weights if u.endswith(url))
        heavy += sum(
            len(gzip.compress((scripts / name).read_bytes())) for name in ("pages.js", "visual.js")
        )
        assert heavy <= HEAVIEST, heavy
