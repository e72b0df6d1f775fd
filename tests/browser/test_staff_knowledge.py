"""Answers are written by one and approved by another; administrators keep accounts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from services.web.language import words
from tests.browser.conftest import Served
from tests.browser.office import hire, press, signed_in
from tests.browser.visitor import Visitor

ANSWER = "가로등 고장은 구청 도로과에 말씀하시면 사흘 안에 고칩니다."


@pytest.fixture(scope="module")
def office(served: Served) -> Served:
    hire(served, "writer", "김작성")
    hire(served, "triage", "나분류", role="triage", agency_id=None)
    hire(served, "admin", "한관리", role="admin", agency_id=None)
    return served


def said(someone: Visitor, name: str) -> None:
    expect(someone.page.locator("[data-said]")).to_have_text(
        words(someone.language)(f"staff.said.{name}")
    )


@pytest.mark.parametrize(("width", "language"), [(1280, "ko"), (360, "en")])
def test_an_answer_is_written_by_one_and_approved_by_another(
    browser: Browser, office: Served, width: int, language: str
) -> None:
    say = words(language)
    with signed_in(browser, office, "triage", width=width, language=language) as author:
        page = author.page
        author.go("/staff/knowledge/new")
        page.fill("#title", "가로등 고장 신고")
        page.fill("#answer", "* 가로등 고장 *")
        page.fill("#questions", "가로등이 꺼졌어요\n가로등 신고")
        page.fill("#source", "시 조례")
        page.select_option("#service", "streetlight")
        page.select_option("#agency", "북구청")
        press(author, "articles.save")
        expect(page.locator("[data-error-summary]")).to_contain_text(say("desk.fault.answer"))
        expect(page.locator("#questions")).to_have_value("가로등이 꺼졌어요\n가로등 신고")
        author.check("staff-article-form")
        page.fill("#answer", ANSWER)
        press(author, "articles.save")
        said(author, "draft_saved")
        address = page.url.removeprefix(office.url)
        press(author, "articles.do.submit")
        said(author, "article_submit")
        expect(page.get_by_role("button", name=say("articles.do.approve"))).to_have_count(0)
        author.check("staff-article")
    with signed_in(browser, office, "admin", width=width, language=language) as other:
        other.go("/staff/knowledge?state=in_review")
        other.check("staff-knowledge")
        other.go(address)
        press(other, "articles.do.approve")
        said(other, "article_approve")
        other.page.locator("summary", has_text=say("articles.do.retire")).click()
        press(other, "articles.do.retire")
        said(other, "article_retire")


def test_two_who_edit_lose_nothing(browser: Browser, office: Served) -> None:
    with signed_in(browser, office, "admin") as one:
        one.go("/staff/knowledge")
        path = one.page.locator("tbody a").first.get_attribute("href")
        one.go(f"{path}/edit")
        with signed_in(browser, office, "triage") as two:
            two.go(f"{path}/edit")
            two.page.fill("#title", "먼저 고친 제목")
            press(two, "articles.save")
            said(two, "draft_saved")
        one.page.fill("#title", "나중에 고친 제목")
        press(one, "articles.save")
        expect(one.page.locator("[data-error-summary]")).to_contain_text("먼저 고친 제목")
        expect(one.page.locator("#title")).to_have_value("나중에 고친 제목")
        one.check("staff-article-stale")
        press(one, "articles.save")
        expect(one.page.locator("h1")).to_have_text("나중에 고친 제목")


def test_reply_templates_are_kept(browser: Browser, office: Served) -> None:
    with signed_in(browser, office, "writer", width=360) as writer:
        page = writer.page
        writer.go("/staff/templates")
        writer.check("staff-templates")
        writer.go("/staff/templates/new")
        page.fill("#name", "가로등 수리")
        page.fill("#text", "{unknown} 고쳤습니다.")
        press(writer, "telling.save")
        expect(page.locator("[data-error-summary]")).to_be_focused()
        writer.check("staff-template")
        page.fill("#text", "{receipt_number} 민원의 가로등을 고쳤습니다.")
        press(writer, "telling.save")
        said(writer, "saved")
        page.get_by_role("link", name="가로등 수리").click()
        page.locator("summary").last.click()
        press(writer, "articles.templates.remove")
        said(writer, "template_removed")


@pytest.mark.parametrize(("width", "language"), [(1280, "ko"), (360, "en")])
def test_an_account_is_made_used_and_switched_off(
    browser: Browser, office: Served, width: int, language: str
) -> None:
    say, name = words(language), f"park-{language}"
    with signed_in(browser, office, "admin", width=width, language=language) as admin:
        page = admin.page
        admin.go("/staff/people/new")
        page.fill("#display_name", "박새로")
        page.fill("#username", name)
        press(admin, "people.add")
        expect(page.locator("[data-error-summary]")).to_contain_text(say("desk.fault.agency"))
        admin.check("staff-person-form")
        page.select_option("#agency", "북구청")
        press(admin, "people.add")
        said(admin, "account_added")
        secret = page.locator("[data-secret]").inner_text()
        admin.check("staff-person")
        page.locator("a[href$='/edit']").click()
        page.fill("#departments", "없는과")
        page.fill("#display_name", "박바뀜")
        press(admin, "people.save")
        expect(page.locator("[data-error-summary]")).to_contain_text(say("desk.fault.departments"))
        page.fill("#departments", "")
        press(admin, "people.save")
        said(admin, "account_changed")
        expect(page.locator("h1")).to_have_text("박바뀜")
        with Visitor.opened(browser, office.url, language=language) as park:
            park.go("/staff/sign-in?next=/staff/knowledge")
            park.page.fill("#username", name)
            park.page.fill("#password", secret)
            press(park, "sign_in.submit")
            expect(park.page.locator("h1")).to_be_visible()
            park.go("/staff/people")
            expect(park.page.locator("h1")).to_have_text(say("shell.fault.403.title"))
            page.locator("summary", has_text=say("people.switch_off")).click()
            press(admin, "people.switch_off")
            said(admin, "account_off")
            park.go("/staff/knowledge")
            expect(park.page).to_have_url(re.compile("sign-in"))
        admin.go("/staff/people")
        admin.check("staff-people")
