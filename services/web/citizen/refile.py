"""`/track/refile`: what was not solved comes back as a new case that points at the old one."""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid5

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from services.api import filing, lookup
from services.api.backend import Back, Backend
from services.cases.case import Case
from services.intake.desk import Receipt
from services.intake.normalise import MAX_CHARACTERS
from services.intake.store import find_contact
from services.web import forms
from services.web.citizen import track
from services.web.citizen.form import CLIENT
from services.web.citizen.standing import Standing
from services.web.pages import Reader, Rendered

router = APIRouter()

CONTACT: Final = ("name", "phone", "email")


@router.post("/track/refile")
async def refile(
    request: Request, pages: Rendered, back: Back, say: Reader, form: forms.Posted
) -> Response:
    """File what is left to do with the place and the contact of the first case.

    The same words for the same case are filed once, however often they are sent.
    """
    number, code = track.tidy(forms.text(form, "number")), track.tidy(forms.text(form, "code"))
    text = forms.text(form, "text")
    case, contact, seen = await run_in_threadpool(_first, back, number, code)
    fault = _fault(seen, text)
    if fault:
        faults, given = {"refile_text": say(fault)}, {"refile_text": text}
        return track.page(request, pages, seen, code, status=422, faults=faults, given=given)
    body = _complaint(case, contact, text)
    record = await run_in_threadpool(
        filing.record, back, CLIENT, str(uuid5(case.id, text)), body, case.id
    )
    outcome = await back.intake.file(record)
    if not isinstance(outcome, Receipt):
        raise outcome
    if not outcome.replayed:
        await run_in_threadpool(_tell, back, number, code, str(outcome.receipt_number))
    return pages.answer(
        request,
        "citizen/refiled.html",
        fields=[("number", number), ("code", code), ("text", text)],
        number=outcome.receipt_number,
        code=back.sealer.lookup_code(outcome.complaint_id),
        received_at=outcome.received_at,
        previous=number,
    )


def _first(back: Backend, number: str, code: str) -> tuple[Case, dict[str, Any], Standing]:
    """The case before, and whom to answer."""
    with lookup.opened(back, number, code) as (conn, case):
        sealed, reply_by = find_contact(conn, case.id)
        seen = track.look(back, conn, case)
    if sealed is None:
        return case, {"reply_by": "none"}, seen
    known = back.sealer.unseal(sealed)
    given = {name: known[name] for name in CONTACT if known.get(name)}
    return case, {**given, "reply_by": reply_by or "none"}, seen


def _fault(seen: Standing, text: str) -> str:
    if not seen.over:
        return "citizen.fault.not_over"
    if not text:
        return "citizen.fault.text_empty"
    return "citizen.fault.too_long" if len(text) > track.LONGEST else ""


def _complaint(case: Case, contact: dict[str, Any], text: str) -> dict[str, Any]:
    place = {"lat": case.lat, "lon": case.lon, "address": case.address, "dong": case.dong}
    return {
        "channel": "web",
        "web": {"title": case.title, "body": f"{text}\n\n{case.text}"[:MAX_CHARACTERS]},
        "location": {name: value for name, value in place.items() if value is not None},
        "contact": contact,
        "consent": {"privacy": True, "ai_notice": True},
    }


def _tell(back: Backend, number: str, code: str, follower: str) -> None:
    with lookup.opened(back, number, code) as (conn, case):
        track.tell(conn, case, "refile", {"receipt_number": follower})
