"""One's own account: what it may do, its password, the end of all its sessions."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from services.access import sign_in
from services.access import staff as accounts
from services.access.attempts import TooManySignIns
from services.access.passwords import MIN_CHARACTERS, WeakPassword
from services.errors import InvalidField, TriageError
from services.web import forms
from services.web.language import COOKIE as LANGUAGE_COOKIE
from services.web.language import LANGUAGES
from services.web.staff.frame import Frame, Framed
from services.web.visits import give_cookie

router = APIRouter(prefix="/account")

HERE = "/staff/account"


@router.get("")
def show(frame: Framed) -> Response:
    return _page(frame)


@router.post("")
def change_password(form: forms.Posted, frame: Framed) -> Response:
    """Whoever was signed in with the old password is signed out, but for this browser."""
    old, new = _bare(form, "old"), _bare(form, "new")
    if new != _bare(form, "again"):
        return _page(frame, "again", "passwords_differ")
    seconds = frame.back.access.session_lifetime_s
    visit = frame.visit
    try:
        token = sign_in.change_password(
            frame.back.database, visit.person, old, new, visit.visitor, seconds
        )
    except WeakPassword as error:
        return _page(frame, "new", error.code, error)
    except (sign_in.SignInRefused, TooManySignIns) as error:
        return _page(frame, "old", error.code, error)
    answer = frame.to(HERE, "password_changed")
    give_cookie(answer, token, seconds)
    return answer


@router.post("/language")
def change_language(form: forms.Posted, frame: Framed) -> Response:
    """The account's language; this browser's own choice no longer stands against it."""
    language = forms.text(form, "language-choice")
    if language not in LANGUAGES:
        raise InvalidField(pointer="/language")
    with frame.back.database.transaction() as conn:
        accounts.set_language(conn, frame.visit.person.id, language)
    answer = frame.to(HERE, "language_changed")
    answer.delete_cookie(LANGUAGE_COOKIE, path="/", httponly=True, samesite="lax")
    return answer


def _page(
    frame: Frame, field: str = "", fault: str = "", error: TriageError | None = None
) -> Response:
    wait = (error.retry_after if error else None) or 0
    errors = {field: frame.say(f"staff.account.fault.{fault}", seconds=wait)} if field else {}
    status = error.status if error else 422 if field else 200
    # a 401 here would send programs to sign in, but the session is well
    return frame.page(
        "staff/account.html",
        422 if status == 401 else status,
        errors=errors,
        least=MIN_CHARACTERS,
        agency=frame.back.pack.agencies.get(frame.actor.agency_id or ""),
    )


def _bare(form: forms.Posted, name: str) -> str:
    """A password as typed: it is not normalised."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
