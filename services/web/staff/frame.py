"""What every page of the console stands in: who looks, the layout, a word after a deed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.access.actor import Actor
from services.api.backend import Back, Backend
from services.web.language import COOKIE as LANGUAGE_COOKIE
from services.web.language import LANGUAGES, Words, chosen, words
from services.web.pages import Pages, Rendered
from services.web.staff.navigation import menu_of
from services.web.visits import QuietVisiting, Visit, Visiting

SAID_COOKIE: Final = "__Host-minwon-said"
SAID_SECONDS: Final = 60
_NAME: Final = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Frame:
    """A request of someone signed in, with all that a page of the console needs."""

    request: Request
    back: Backend
    pages: Pages
    visit: Visit

    @property
    def actor(self) -> Actor:
        return self.visit.actor

    @property
    def language(self) -> str:
        """As asked for on this browser, else as the account says."""
        wish = {self.request.query_params.get("lang"), self.request.cookies.get(LANGUAGE_COOKIE)}
        return chosen(self.request) if wish & {*LANGUAGES} else self.visit.person.language

    @property
    def say(self) -> Words:
        return words(self.language)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """The template, which extends staff/layout.html, with `visit`, `csrf` and `values`.

        A word left by `to` is shown once.
        """
        said = self.request.cookies.get(SAID_COOKIE, "")
        known = _NAME.fullmatch(said) is not None and self.say.known(f"staff.said.{said}")
        answer = self.pages.answer(
            self.request,
            template,
            status,
            language=self.language,
            visit=self.visit,
            csrf=self.visit.csrf,
            entries=menu_of(self.actor),
            said=said if known else "",
            **values,
        )
        if said:
            answer.delete_cookie(SAID_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    def to(self, address: str, said: str = "") -> Response:
        """On to another page after a deed; that page says `staff.said.<said>`."""
        answer = RedirectResponse(address, 303)
        if said:
            answer.set_cookie(
                SAID_COOKIE, said, SAID_SECONDS, "/", secure=True, httponly=True, samesite="lax"
            )
        return answer


def _frame(request: Request, back: Back, pages: Rendered, visit: Visiting) -> Frame:
    return Frame(request, back, pages, visit)


def _quiet_frame(request: Request, back: Back, pages: Rendered, visit: QuietVisiting) -> Frame:
    return Frame(request, back, pages, visit)


Framed = Annotated[Frame, Depends(_frame)]
"""How a route gets at all that; someone not signed in is sent to where they can."""
QuietlyFramed = Annotated[Frame, Depends(_quiet_frame)]
"""The same for what a page asks by itself: it does not keep an idle session alive."""
