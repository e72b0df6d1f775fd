"""People see their account and change its password."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from services.web.language import words
from tests.browser.conftest import Served
from tests.browser.office import PASSWORD, hire, press, signed_in


@pytest.mark.parametrize(("width", "language"), [(1280, "ko"), (360, "en")])
def test_a_password_is_changed_by_who_knows_the_old_one(
    browser: Browser, served: Served, width: int, language: str
) -> None:
    username = f"kim-{language}"
    hire(served, username, "김민원")
    with signed_in(browser, served, username, width=width, language=language) as kim:
        kim.go("/staff/account")
        kim.check("staff-account")
        for old, new, again, fault in (
            ("wrong wrong wrong", "a new password", "a new password", "sign_in_refused"),
            (PASSWORD, "short", "short", "weak_password"),
            (PASSWORD, "a new password", "another password", "passwords_differ"),
        ):
            for name, value in (("old", old), ("new", new), ("again", again)):
                kim.page.fill(f"#{name}", value)
            press(kim, "staff.account.change")
            summary = kim.page.locator("[data-error-summary]")
            expect(summary).to_contain_text(words(language)(f"staff.account.fault.{fault}"))
        kim.check("staff-account-fault")
        for name, value in (("old", PASSWORD), ("new", PASSWORD * 2), ("again", PASSWORD * 2)):
            kim.page.fill(f"#{name}", value)
        press(kim, "staff.account.change")
        expect(kim.page.locator("[data-said]")).to_have_text(
            words(language)("staff.said.password_changed")
        )
        other = {"ko": "en", "en": "ko"}[language]
        for chosen, shown in ((other, other), (language, language)):
            kim.page.check(f"[name=language-choice][value={chosen}]")
            kim.page.locator("form[action$=language] button").click()
            expect(kim.page.locator("html")).to_have_attribute("lang", shown)
        press(kim, "staff.menu.sign_out")
        kim.page.fill("#username", username)
        kim.page.fill("#password", PASSWORD * 2)
        press(kim, "sign_in.submit")
        kim.go("/staff/account")
        expect(kim.page.locator("h1")).to_have_text(words(language)("staff.account.title"))
