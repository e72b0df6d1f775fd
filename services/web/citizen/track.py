"""`/track`: where a complaint stands, and what its citizen may do about it.

Number and code come with each form and stay out of addresses, which browsers and proxies keep.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from services.api import lookup
from services.api.backend import Back, Backend, now
from services.cases import citizen, orders, store
from services.cases.case import Case, Step
from services.cases.situation import CITIZEN
from services.cases.states import IllegalTransition
from services.database import Connection
from services.errors import NotFound
from services.feedback.store import SCORES, Rating, find_rating, put_rating
from services.intake.masking import mask
from services.intake.payload import MAX_UPLOADS
from services.web import forms
from services.web.citizen.entry import Kept
from services.web.citizen.standing import ANSWERED, Standing, standing
from services.web.pages import Pages, Reader, Rendered

router = APIRouter()

LONGEST: Final = 2_000
Deed = Callable[[Backend, Connection, Case, FormData], str]
"""What a citizen's form does; returns the name of the sentence that says so."""


class Refused(Exception):
    """A form that must be corrected: the field and the name of the sentence that says why."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field, self.sentence = field, sentence


@router.get("/track")
def ask(request: Request, pages: Rendered, number: str = "") -> Response:
    return pages.answer(request, "citizen/lookup.html", number=tidy(number), faults={})


@router.post("/track")
def show(
    request: Request, pages: Rendered, back: Back, say: Reader, form: forms.Posted
) -> Response:
    number, code = tidy(forms.text(form, "number")), tidy(forms.text(form, "code"))
    try:
        with lookup.opened(back, number, code) as (conn, case):
            seen = look(back, conn, case)
    except NotFound:
        faults = {"number": say("citizen.track.unknown")}
        return pages.answer(request, "citizen/lookup.html", 404, number=number, faults=faults)
    return page(request, pages, seen, code)


@router.post("/track/{deed}")
def do(
    deed: str, request: Request, pages: Rendered, back: Back, say: Reader, form: forms.Posted
) -> Response:
    """Carry out a form of the case's page and show the page again."""
    if deed not in DEEDS:
        raise NotFound
    number, code = tidy(forms.text(form, "number")), tidy(forms.text(form, "code"))
    done, faults, status = "", {}, 200
    with lookup.opened(back, number, code) as (conn, case):
        try:
            with conn.transaction():
                done = DEEDS[deed](back, conn, case, form)
        except Refused as error:
            faults, status = {error.field: say(error.sentence)}, 422
        except (IllegalTransition, store.StaleVersion):
            faults, status = {"status": say("citizen.track.changed")}, 409
        seen = look(back, conn, store.find_case(conn, case.id))
    given = {name: forms.text(form, name) for name in ("text", "comment", "reason", "why")}
    return page(request, pages, seen, code, status=status, done=done, faults=faults, given=given)


def look(back: Backend, conn: Connection, case: Case) -> Standing:
    events = store.list_events(conn, case.id)
    return standing(case, events, find_rating(conn, case.id), back.pack, now())


def page(
    request: Request,
    pages: Pages,
    seen: Standing,
    code: str,
    *,
    status: int = 200,
    done: str = "",
    faults: dict[str, str] | None = None,
    given: dict[str, str] | None = None,
    files: Sequence[Kept] = (),
) -> Response:
    return pages.answer(
        request,
        "citizen/case.html",
        status,
        seen=seen,
        number=seen.case.receipt_number,
        code=code,
        done=done,
        faults=faults or {},
        given=given or {},
        files=files,
        most_files=MAX_UPLOADS,
        scores=list(SCORES),
        longest=LONGEST,
    )


def tidy(typed: str) -> str:
    """A number as people type it: full-width digits and blanks are no mistake."""
    return "".join(unicodedata.normalize("NFKC", typed).split())


def words_of(form: FormData, field: str, *, needed: bool = True) -> str:
    """What was written, masked as a complaint is."""
    written = forms.text(form, field)
    if needed and not written:
        raise Refused(field, "citizen.fault.text_empty")
    if len(written) > LONGEST:
        raise Refused(field, "citizen.fault.too_long")
    return mask(written).text


def _withdraw(back: Backend, conn: Connection, case: Case, form: FormData) -> str:
    if forms.text(form, "sure") != "yes":
        raise Refused("sure", "citizen.fault.sure")
    reason = words_of(form, "reason", needed=False) or WITHDRAWN
    citizen.withdraw(conn, case.id, orders.Reason(reason=reason), back.situation(CITIZEN))
    return "citizen.track.done.withdraw"


WITHDRAWN: Final = "민원인이 조회 화면에서 취하함"
"""Staff read it; a citizen need not give a reason."""


def _rate(_: Backend, conn: Connection, case: Case, form: FormData) -> str:
    if case.state not in ANSWERED or case.reply is None:
        raise IllegalTransition
    score = forms.text(form, "score")
    if score not in [str(known) for known in SCORES]:
        raise Refused("score", "citizen.fault.score")
    comment = words_of(form, "comment", needed=False)
    put_rating(conn, case.id, Rating(int(score), comment, now()))
    return "citizen.track.done.rate"


def _ask_review(_: Backend, conn: Connection, case: Case, form: FormData) -> str:
    """개인정보 보호법 제37조의2: an explanation, or a person's judgment; once is enough."""
    wish = forms.text(form, "wish")
    if wish not in ("explanation", "review"):
        raise Refused("wish", "citizen.fault.wish")
    text = words_of(form, "why", needed=False)
    if any(event.action == "ask-review" for event in store.list_events(conn, case.id)):
        raise IllegalTransition
    tell(conn, case, "ask-review", {"wish": wish, "text": text})
    return "citizen.track.done.explain"


def tell(conn: Connection, case: Case, action: str, data: dict[str, str]) -> None:
    """Write down what a citizen did that leaves the case's state as it is."""
    after = replace(case, updated_at=now())
    store.save_step(conn, case, Step(after, data), CITIZEN.role, action)


DEEDS: Final[dict[str, Deed]] = {
    "withdraw": _withdraw,
    "rate": _rate,
    "explain": _ask_review,
}
