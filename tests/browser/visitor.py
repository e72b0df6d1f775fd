"""Someone before a browser, and the rules that every page they see must keep."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
LOCALES = {"ko": "ko-KR", "en": "en-GB"}
PICTURES = os.environ.get("MINWON_PICTURES", "")
"""A folder for pictures of every page checked; empty for none."""


@dataclass  # no slots: Playwright remembers its listeners on the object
class Visitor:
    """A page of its own context, and what went wrong on it."""

    page: Page
    url: str
    width: int
    language: str
    complaints: list[str] = field(default_factory=list)
    axe: Axe = field(default_factory=Axe)

    @classmethod
    @contextmanager
    def opened(
        cls,
        browser: Browser,
        url: str,
        *,
        width: int = 1280,
        language: str = "ko",
        scripts: bool = True,
    ) -> Iterator[Visitor]:
        """Open a window; at its end, fail for scripts' errors and requests to other hosts."""
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            locale=LOCALES[language],
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        visitor = cls(context.new_page(), url, width, language)
        visitor.page.on("console", visitor._heard)
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        visitor.page.on("request", visitor._asked)
        try:
            yield visitor
            assert not visitor.complaints, visitor.complaints
        finally:
            context.close()

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def check(self, name: str = "") -> None:
        """Hold the page as it is now against WCAG 2.1 A and AA, and against its width."""
        result = self.axe.run(self.page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert result.violations_count == 0, result.generate_report()
        widths = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1], f"{name} is {widths[0]} px wide at {widths[1]}"
        if PICTURES and name:
            file = Path(PICTURES) / f"{name}-{self.width}-{self.language}.png"
            self.page.screenshot(path=file, full_page=True)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.url + "/", "data:")):
            self.complaints.append(f"asked {request.url}")
