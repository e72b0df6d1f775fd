"""`/`: the web form, its preview and the receipt. Nothing is filed before the last step."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from services.api import filing
from services.api.backend import Back, Backend
from services.city import CityPack
from services.intake.desk import KeyReused, Receipt
from services.intake.payload import MAX_UPLOADS
from services.intake.store import UnknownUpload
from services.web import forms
from services.web.citizen.entry import LIMITS, REPLIES, Entry, administrative, blank, complaint
from services.web.citizen.entry import faults as faults_of
from services.web.citizen.entry import read as read_entry
from services.web.citizen.files import keep
from services.web.citizen.guess import guess
from services.web.pages import Pages, Reader, Rendered

router = APIRouter()

CLIENT: Final = "web-form"
"""The name under which the form files, beside the programs that hold keys."""


@router.get("/")
def new_form(request: Request, pages: Rendered, back: Back) -> Response:
    return _form(request, pages, back.pack, blank(), {})


@router.post("/")
async def next_step(
    request: Request, pages: Rendered, back: Back, say: Reader, form: forms.PostedWithFiles
) -> Response:
    """Show the form again, preview it, or file it, as the button says.

    The form's own key makes a second press, or the page sent again, harmless.
    """
    entry, step = read_entry(form), forms.text(form, "step")
    files, refused = await keep(back, form, entry.files, CLIENT)
    entry = replace(entry, files=files)
    faults = faults_of(entry, back.pack) if step in ("preview", "file") else {}
    if refused:
        faults["files"] = refused
    if faults or step not in ("preview", "file"):
        sentences = {name: say(sentence) for name, sentence in faults.items()}
        return _form(request, pages, back.pack, entry, sentences)
    if step == "preview":
        found = await run_in_threadpool(guess, back, entry)
        return pages.answer(request, "citizen/preview.html", entry=entry, guess=found)
    try:
        return await _file(request, pages, back, entry)
    except UnknownUpload:  # sent more than a day ago
        again = replace(entry, files=())
        return _form(request, pages, back.pack, again, {"files": say("citizen.fault.files_gone")})


async def _file(request: Request, pages: Pages, back: Backend, entry: Entry) -> Response:
    body = complaint(entry, back.pack)
    record = await run_in_threadpool(filing.record, back, CLIENT, entry.key, body)
    outcome = await back.intake.file(record)
    if isinstance(outcome, KeyReused):
        return pages.answer(request, "citizen/already.html", 409)
    if not isinstance(outcome, Receipt):
        raise outcome
    return pages.answer(
        request,
        "citizen/receipt.html",
        entry=entry,
        number=outcome.receipt_number,
        code=back.sealer.lookup_code(outcome.complaint_id),
        received_at=outcome.received_at,
    )


def _form(
    request: Request, pages: Pages, pack: CityPack, entry: Entry, faults: dict[str, str]
) -> Response:
    return pages.answer(
        request,
        "citizen/form.html",
        422 if faults else 200,
        entry=entry,
        faults=faults,
        limits=LIMITS,
        replies=REPLIES,
        most_files=MAX_UPLOADS,
        places=_places(pack),
    )


def _places(pack: CityPack) -> list[tuple[str, list[tuple[str, str]]]]:
    """Dongs to choose from, by district, as the component `select` takes them."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for dong in administrative(pack):
        groups.setdefault(dong.district, []).append((f"{dong.district} {dong.name}", dong.name))
    return sorted((district, sorted(items)) for district, items in groups.items())
