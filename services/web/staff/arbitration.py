"""`/staff/arbitration`: cases sent back twice, which a supervisor places for good (소관조정)."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from services.api import cursors
from services.api.backend import PathId, now
from services.cases import queues, store
from services.cases.case import Case
from services.cases.states import IllegalTransition, may
from services.errors import InvalidField
from services.web import forms
from services.web.staff import deciding
from services.web.staff.entering import faults as faults_of
from services.web.staff.frame import Frame, Framed
from services.web.staff.history import who
from services.web.staff.looking import look, waited

router = APIRouter(prefix="/arbitration")

PAGE = 50


@router.get("")
def show_list(frame: Framed, cursor: str | None = None) -> Response:
    frame.actor.require("supervisor")
    wanted = queues.QueueFilter(states=["arbitration"], agency_id=frame.actor.agency_id)
    with frame.back.database.transaction(frame.actor.scope) as conn:
        page = queues.list_queue(conn, wanted, cursors.decode(cursor), PAGE, now())
    return frame.page(
        "staff/arbitration.html",
        cases=page,
        older=_older(page),
        waited=lambda since: waited(since, frame.say),
    )


@router.get("/{id}")
def show(id: PathId, frame: Framed, service: str = "") -> Response:
    return _page(frame, id, sent={"service": service})


@router.post("/{id}/decide")
def decide(id: PathId, frame: Framed, form: forms.Posted) -> Response:
    """The word is binding: only a supervisor sends the case back after it."""
    frame.actor.require("supervisor")
    sent = deciding.entered(form)
    try:
        with frame.back.database.transaction(frame.actor.scope) as conn:
            case = store.find_case(conn, id)
        deciding.decide(frame, id, sent, case)
    except (store.StaleVersion, IllegalTransition):
        return _page(frame, id, 409, sent)
    except InvalidField as error:
        return _page(frame, id, 422, sent, faults_of(error, frame.say))
    return frame.to("/staff/arbitration", "arbitrated")


def _page(
    frame: Frame,
    id: UUID,
    status: int = 200,
    sent: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> Response:
    actor, pack = frame.actor, frame.back.pack
    actor.require("supervisor")
    with frame.back.database.transaction(actor.scope) as conn:
        seen = look(conn, frame, id)
    return frame.page(
        "staff/arbitrate.html",
        status,
        seen=seen,
        decidable=seen.case.state == "arbitration" and may("arbitrate", actor.role),
        late=status == 409,
        choices=deciding.choices(seen.case, pack),
        units=list(deciding.units(pack)),
        sent={"service": "", "unit": ""} | (sent or {}),
        faults=faults or {},
        who=lambda name: who(name, seen.names, frame.say),
    )


def _older(page: list[Case]) -> str:
    if len(page) < PAGE:
        return ""
    last = page[-1]
    cursor = cursors.encode(queues.Position(last.due_at or last.received_at, last.urgency, last.id))
    return f"/staff/arbitration?cursor={cursor}"
