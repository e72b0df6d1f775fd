"""Who is signed in on a page: the session's cookie, and the token that each form sends along.

The cookie is Secure, which browsers also take from http on the machine itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Final, cast
from urllib.parse import quote, urlsplit

from fastapi import Depends, FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.access import sessions
from services.access.actor import Actor
from services.access.sign_in import Visitor
from services.access.staff import Person
from services.api.backend import Back, Backend, address
from services.errors import Forbidden, TriageError
from services.intake.payload import MAX_UPLOADS
from services.web import faults, forms
from services.web.origin import SAFE
from services.web.pages import Pages

COOKIE: Final = "__Host-minwon"
SIGN_IN: Final = "/staff/sign-in"
HEADER: Final = "X-CSRF-Token"
FIELD: Final = "csrf"
TYPED: Final = frozenset(
    {
        "reply",
        "text",
        "reason",
        "remedy",
        "officer",
        "title",
        "questions",
        "answer",
        "more",
        "source",
    }
)
"""Fields that are given back when their form came without a session."""


class SignInNeeded(TriageError):
    """Sign in to see this."""

    code = "sign_in_needed"
    status = 401


class StaleForm(Forbidden):
    """This form is not of your present session. Open the page again and send it once more."""

    code = "stale_form"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of someone signed in. `csrf` goes into each form, or into the header."""

    person: Person
    address: str
    token: str = field(repr=False)

    @property
    def actor(self) -> Actor:
        return self.person.actor

    @property
    def csrf(self) -> str:
        return sessions.csrf(self.token)

    @property
    def visitor(self) -> Visitor:
        return Visitor(self.address, self.token)


def found(request: Request, back: Back) -> Visit:
    """Raises `SignInNeeded`."""
    return _visit(request, back, touch=True)


def found_quietly(request: Request, back: Back) -> Visit:
    return _visit(request, back, touch=False)


def _visit(request: Request, back: Backend, *, touch: bool) -> Visit:
    token = request.cookies.get(COOKIE)
    if not token:
        raise SignInNeeded
    with back.database.transaction() as conn:
        person = sessions.find(conn, token, back.access.session_idle_s, touch=touch)
    if person is None:
        raise SignInNeeded
    return Visit(person, address(request), token)


async def visit(request: Request, session: Annotated[Visit, Depends(found)]) -> Visit:
    return await checked(request, session)


async def quiet_visit(request: Request, session: Annotated[Visit, Depends(found_quietly)]) -> Visit:
    return await checked(request, session)


async def checked(request: Request, session: Visit) -> Visit:
    """The visit, if a request that changes something bears its token; raises `StaleForm`."""
    if request.method in SAFE:
        return session
    given = request.headers.get(HEADER)
    if given is None:
        forms.bounded(request, forms.MOST_BYTES)
        sent = (await request.form(max_files=MAX_UPLOADS, max_fields=forms.MAX_FIELDS)).get(FIELD)
        given = sent if isinstance(sent, str) else ""
    if not sessions.csrf_matches(session.token, given):
        raise StaleForm
    return session


Visiting = Annotated[Visit, Depends(visit)]
"""Whoever is signed in; a form's token is checked before the route begins."""
QuietVisiting = Annotated[Visit, Depends(quiet_visit)]
"""The same, for what a page asks by itself: it does not keep an idle session alive."""


def give_cookie(response: Response, token: str, seconds: int) -> None:
    response.set_cookie(
        COOKIE, token, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax"
    )


def take_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def install(app: FastAPI) -> None:
    """Send who opens a page without being signed in to where they can, and back afterwards."""
    app.add_exception_handler(SignInNeeded, _to_sign_in)
    app.add_exception_handler(StaleForm, _with_typed)


async def _to_sign_in(request: Request, error: Exception) -> Response:
    if not faults.wants_page(request):
        return faults.answer(request, SignInNeeded())
    if request.method != "GET":
        return await _with_typed(request, error)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{SIGN_IN}?next={quote(here, safe='')}", 303)


async def _with_typed(request: Request, error: Exception) -> Response:
    """A form that came after the session's end, or of another: nothing is done, nothing is lost."""
    problem = error if isinstance(error, TriageError) else SignInNeeded()
    if not faults.wants_page(request):
        return faults.answer(request, problem)
    pages = cast(Pages, request.app.state.pages)
    return pages.answer(
        request,
        "unsent.html",
        problem.status,
        written=await _written(request),
        goal=_from(request),
        signed_in=problem.status == 403,
    )


async def _written(request: Request) -> list[str]:
    """The texts of the form that someone may have typed; no passwords, no file."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > forms.MAX_BYTES:
        return []
    form = await request.form(max_files=forms.MAX_FIELDS, max_fields=forms.MAX_FIELDS)
    return [
        value for name, value in form.items() if name in TYPED and isinstance(value, str) and value
    ]


def _from(request: Request) -> str:
    """The page that the form stood on, by its own path: some forms go where no page is."""
    here = urlsplit(request.headers.get("referer", ""))
    same = here.netloc == request.headers.get("host")
    return here.path if same and here.path.startswith("/staff") else "/staff"
