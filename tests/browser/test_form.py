"""Citizens file complaints by the web form."""

from __future__ import annotations

import re

import psycopg
from playwright.sync_api import Browser, expect

from services.web.language import words
from tests.browser.conftest import Served
from tests.browser.visitor import Visitor

LAMP = "집 앞 가로등이 일주일째 꺼져 있어서 밤에 너무 어둡습니다."


def fill(someone: Visitor, body: str = LAMP) -> None:
    page = someone.page
    page.fill("#body", body)
    page.select_option("#place", "북구 두암2동")
    page.check("input[name=reply_by][value=sms]")
    page.fill("#phone", "010-1234-5678")
    page.check("#privacy")


def press(someone: Visitor, name: str) -> None:
    someone.page.get_by_role("button", name=words(someone.language)(name), exact=True).click()


def test_a_complaint_is_previewed_filed_and_placed(anyone: Visitor, served: Served) -> None:
    anyone.go("/")
    anyone.check("form")
    fill(anyone)
    press(anyone, "citizen.form.preview")
    expect(anyone.page.locator(".number-big")).to_have_text("북구청")
    anyone.check("preview")
    press(anyone, "citizen.preview.file")
    expect(anyone.page.locator("[data-number]")).to_have_text(re.compile(r"\d{8}-\d{7}"))
    expect(anyone.page.locator("[data-code]")).to_have_text(re.compile(r"\d{8}"))
    anyone.check("receipt")
    number = anyone.page.locator("[data-number]").inner_text()
    anyone.page.reload()  # the browser sends the form again
    expect(anyone.page.locator("[data-number]")).to_have_text(number)
    assert served.work() == 1


def test_faults_are_named_and_nothing_entered_is_lost(anyone: Visitor) -> None:
    anyone.go("/")
    anyone.page.fill("#title", "가로등")
    anyone.page.check("input[name=reply_by][value=sms]")
    anyone.page.fill("#phone", "062-600-0000")
    press(anyone, "citizen.form.preview")
    summary = anyone.page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(3)
    anyone.check("form-faults")
    summary.get_by_role("link").first.click()
    expect(anyone.page.locator("#body")).to_be_focused()
    expect(anyone.page.locator("#title")).to_have_value("가로등")
    expect(anyone.page.locator("#phone")).to_have_value("062-600-0000")


def test_without_scripts_it_works_too(served: Served, browser: Browser) -> None:
    with Visitor.opened(browser, served.url, scripts=False) as someone:
        someone.go("/")
        fill(someone)
        press(someone, "citizen.form.preview")
        press(someone, "citizen.preview.edit")
        expect(someone.page.locator("#body")).to_have_value(LAMP)
        press(someone, "citizen.form.preview")
        press(someone, "citizen.preview.file")
        expect(someone.page.locator("[data-number]")).to_be_visible()
    served.work()


def test_the_language_changes_under_a_half_filled_form(visitor: Visitor) -> None:
    visitor.go("/")
    visitor.page.fill("#body", LAMP)
    visitor.page.get_by_role("button", name="English").click()
    expect(visitor.page.locator("h1")).to_have_text("File a complaint")
    expect(visitor.page.locator("#body")).to_have_value(LAMP)
    visitor.go("/")
    expect(visitor.page.locator("html")).to_have_attribute("lang", "en")


def test_the_district_narrows_its_dongs(visitor: Visitor) -> None:
    visitor.go("/")
    visitor.page.select_option("#district", "동구")
    labels = visitor.page.locator("#place optgroup")
    expect(labels).to_have_count(1)
    expect(labels).to_have_attribute("label", "동구")


def test_the_device_tells_its_place_only_when_asked(visitor: Visitor) -> None:
    context = visitor.page.context
    context.grant_permissions(["geolocation"])
    context.set_geolocation({"latitude": 35.1595, "longitude": 126.8526})
    visitor.go("/")
    expect(visitor.page.locator("input[name=lat]")).to_have_value("")
    press(visitor, "citizen.form.location")
    expect(visitor.page.locator("input[name=lat]")).to_have_value("35.159500")
    press(visitor, "citizen.form.location_forget")
    expect(visitor.page.locator("input[name=lat]")).to_have_value("")


def test_all_of_it_goes_by_the_keyboard(visitor: Visitor) -> None:
    visitor.go("/")
    keys = visitor.page.keyboard
    keys.press("Tab")
    expect(visitor.page.locator(".skip")).to_be_focused()
    keys.press("Enter")
    expect(visitor.page.locator("#main")).to_be_focused()
    keys.press("Tab")
    expect(visitor.page.locator("#body")).to_be_focused()
    keys.insert_text(LAMP)
    visitor.page.locator("input[name=reply_by]").first.focus()
    keys.press("ArrowUp")  # round to the last: no message wanted
    expect(visitor.page.locator("input[value=none]")).to_be_checked()
    for _ in range(4):
        keys.press("Tab")
    expect(visitor.page.locator("#privacy")).to_be_focused()
    keys.press("Space")
    keys.press("Tab")
    keys.press("Enter")
    expect(visitor.page.locator("h1")).to_have_text(words("ko")("citizen.preview.title"))


def test_an_emergency_is_told_to_call(visitor: Visitor) -> None:
    visitor.go("/")
    visitor.page.fill("#body", "지금 아파트에서 불이 나서 연기가 올라와요")
    visitor.page.check("input[value=none]")
    visitor.page.check("#privacy")
    press(visitor, "citizen.form.preview")
    expect(visitor.page.locator(".notice.danger")).to_contain_text("119")
    visitor.check()


def test_pages_of_faults_keep_the_rules(anyone: Visitor) -> None:
    anyone.go("/nowhere")
    anyone.check("fault")


def test_files_come_along_and_are_not_sent_twice(visitor: Visitor, served: Served) -> None:
    visitor.go("/")
    fill(visitor)
    visitor.page.set_input_files(
        "#files", {"name": "가로등.txt", "mimeType": "text/plain", "buffer": "세 번째".encode()}
    )
    press(visitor, "citizen.form.preview")
    expect(visitor.page.locator("dl").last).to_contain_text("가로등.txt")
    press(visitor, "citizen.preview.edit")
    expect(visitor.page.locator("input[name=file]")).to_be_checked()
    visitor.page.set_input_files(
        "#files", {"name": "x.exe", "mimeType": "image/png", "buffer": b"MZ"}
    )
    press(visitor, "citizen.form.preview")
    expect(visitor.page.locator("#files-error")).to_be_visible()
    visitor.check("form-files")
    press(visitor, "citizen.form.preview")
    press(visitor, "citizen.preview.file")
    expect(visitor.page.locator("[data-number]")).to_be_visible()
    with psycopg.connect(served.settings.database_url) as conn:
        rows = conn.execute("SELECT name FROM attachments").fetchall()
    assert rows == [("가로등.txt",)]
