"""`/track/answer`: what an agency asked for, with files kept while the words are mended."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from services.api import lookup
from services.api.backend import Back, Backend, now
from services.cases import citizen, orders, store
from services.cases.case import Case
from services.cases.situation import CITIZEN
from services.cases.states import IllegalTransition
from services.database import Connection
from services.errors import InvalidField
from services.intake import attachments
from services.intake.store import UnknownUpload
from services.web import forms
from services.web.citizen import track
from services.web.citizen.entry import Kept, read
from services.web.citizen.files import keep
from services.web.citizen.form import CLIENT
from services.web.language import Words
from services.web.pages import Pages, Reader, Rendered

router = APIRouter()

REFUSED: Final = {
    InvalidField: "citizen.fault.files_many",
    UnknownUpload: "citizen.fault.files_gone",
}


@router.post("/track/answer")
async def answer(
    request: Request, pages: Rendered, back: Back, say: Reader, form: forms.PostedWithFiles
) -> Response:
    """Hand the answer to the handler; a fault loses neither its words nor its files."""
    await run_in_threadpool(_known, back, form)
    files, refused = await keep(back, form, read(form).files, CLIENT)
    return await run_in_threadpool(_answer, request, pages, back, say, form, files, refused)


def _known(back: Backend, form: FormData) -> None:
    """Raises `NotFound` before a stranger's files are kept."""
    with lookup.opened(back, *_numbers(form)):
        pass


def _numbers(form: FormData) -> tuple[str, str]:
    return track.tidy(forms.text(form, "number")), track.tidy(forms.text(form, "code"))


def _answer(
    request: Request,
    pages: Pages,
    back: Backend,
    say: Words,
    form: FormData,
    files: tuple[Kept, ...],
    refused: str,
) -> Response:
    done, faults, status = "", {"files": say(refused)} if refused else {}, 422
    with lookup.opened(back, *_numbers(form)) as (conn, case):
        try:
            with conn.transaction():
                if not refused:
                    _give(back, conn, case, form, files)
                    done, status, files = "citizen.track.done.answer", 200, ()
        except track.Refused as error:
            faults = {error.field: say(error.sentence)}
        except (InvalidField, UnknownUpload) as error:
            faults = {"files": say(REFUSED[type(error)])}
            files = files if isinstance(error, InvalidField) else ()
        except (IllegalTransition, store.StaleVersion):
            faults, status = {"status": say("citizen.track.changed")}, 409
        seen = track.look(back, conn, store.find_case(conn, case.id))
    code = track.tidy(forms.text(form, "code"))
    given = {} if done else {"text": forms.text(form, "text")}
    return track.page(
        request,
        pages,
        seen,
        code,
        status=status,
        done=done,
        faults=faults,
        given=given,
        files=files,
    )


def _give(
    back: Backend, conn: Connection, case: Case, form: FormData, files: tuple[Kept, ...]
) -> None:
    text = track.words_of(form, "text")
    if case.state != "supplement":
        raise IllegalTransition
    citizen.answer_supplement(conn, case.id, orders.Note(text=text), back.situation(CITIZEN))
    if files:
        attachments.bind(conn, case.id, CLIENT, [one.id for one in files], now())
