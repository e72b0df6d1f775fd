"""`/staff/review`: what the machine would not decide, one case after the other."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from services.api import cursors
from services.api.backend import PathId
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

router = APIRouter(prefix="/review")

PAGE = 20
WAITING = ("review", "reroute_requested", "arbitration")


@router.get("")
def show_first(frame: Framed, cursor: str | None = None) -> Response:
    """The most urgent, or the first after `cursor`."""
    return _page(frame, None, cursor=cursor)


@router.get("/{id}")
def show(id: PathId, frame: Framed, service: str = "") -> Response:
    return _page(frame, id, sent={"service": service})


@router.post("/{id}/decide")
def decide(id: PathId, frame: Framed, form: forms.Posted) -> Response:
    """The next case opens; who comes too late is shown who decided."""
    sent = deciding.entered(form)
    try:
        deciding.decide(frame, id, sent, _found(frame, id))
    except (store.StaleVersion, IllegalTransition):
        return _page(frame, id, 409, sent)
    except InvalidField as error:
        return _page(frame, id, 422, sent, faults_of(error, frame.say))
    return frame.to("/staff/review", "decided")


@router.post("/{id}/transfer")
def transfer(id: PathId, frame: Framed, form: forms.Posted) -> Response:
    frame.actor.require("triage")
    sent = deciding.entered(form)
    try:
        deciding.transfer(frame, id, sent)
    except (store.StaleVersion, IllegalTransition):
        return _page(frame, id, 409, sent)
    except InvalidField as error:
        wrong = faults_of(error, frame.say)
        return _page(frame, id, 422, sent, {"to" if n == "agency" else n: wrong[n] for n in wrong})
    return frame.to("/staff/review", "transferred")


def _found(frame: Frame, id: UUID) -> Case:
    frame.actor.require("triage", "supervisor")
    with frame.back.database.transaction(frame.actor.scope) as conn:
        return store.find_case(conn, id)


def _page(
    frame: Frame,
    id: UUID | None,
    status: int = 200,
    sent: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    cursor: str | None = None,
) -> Response:
    actor, pack = frame.actor, frame.back.pack
    actor.require("triage", "supervisor")
    with frame.back.database.transaction(actor.scope) as conn:
        waiting = queues.list_review(conn, cursors.decode(cursor), PAGE)
        opened = id or (waiting[0].id if waiting else None)
        seen = look(conn, frame, opened) if opened else None
    case = seen.case if seen else None
    likely = deciding.choices(case, pack) if case else []
    blank = {"service": "", "unit": "", "reason": "", "to": ""}
    return frame.page(
        "staff/review.html",
        status,
        waiting=waiting,
        following=_following(waiting, opened),
        older=_older(waiting),
        seen=seen,
        decidable=case is not None and _decidable(case, actor.role),
        movable=case is not None and case.state == "review" and may("transfer-out", actor.role),
        late=status == 409,
        choices=likely,
        units=list(deciding.units(pack)),
        outside=deciding.outside(pack),
        sent=blank | deciding.outward(likely, sent or {}),
        faults=faults or {},
        who=lambda name: who(name, seen.names if seen else {}, frame.say),
        waited=lambda since: waited(since, frame.say),
    )


def _decidable(case: Case, role: str) -> bool:
    return case.state in WAITING and may(
        "arbitrate" if case.state == "arbitration" else "decide", role
    )


def _following(waiting: list[Case], opened: UUID | None) -> Case | None:
    """The next in the list, for whoever leaves this one for later."""
    ids = [case.id for case in waiting]
    after = ids.index(opened) + 1 if opened in ids else 0
    return waiting[after] if after < len(waiting) and ids[after] != opened else None


def _older(waiting: list[Case]) -> str:
    if len(waiting) < PAGE:
        return ""
    last = queues.Position(waiting[-1].received_at, waiting[-1].urgency, waiting[-1].id)
    return f"/staff/review?cursor={cursors.encode(last)}"
