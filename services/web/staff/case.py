"""`/staff/cases/{id}`: everything about a case, and what can be done with it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from services.api.backend import PathId, now, validated
from services.api.routes import notices as notice_routes
from services.api.routes.cases import STAFF, carry_out, show_contact
from services.api.routes.templates import list_templates
from services.cases import account, store
from services.cases.acting import visible
from services.cases.actions import ACTIONS
from services.cases.case import Case, Event
from services.cases.orders import Order
from services.cases.possible import possible
from services.cases.presence.store import look_at
from services.cases.states import IllegalTransition, UnknownAction
from services.cases.store import StaleVersion
from services.errors import Forbidden, InvalidField
from services.web import forms
from services.web.staff import deeds, history
from services.web.staff.due import due, span
from services.web.staff.frame import Frame, Framed, QuietlyFramed
from services.web.staff.sight import Sight, days, look, writer

router = APIRouter()

COMPARED: Final = ("text", "reason", "reply", "outcome", "assignee")
"""What of an order tells whether a step that was found already taken is the same."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A form that was sent and must be shown again: what was in it, and what came of it.

    `errors` are sentences by field; `fault` names a sentence; `seen` is the last event that the
    person knew.
    """

    action: str = ""
    entered: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""
    status: int = 200
    seen: int | None = None


@router.get("/cases/{id}")
def show(id: PathId, frame: Framed) -> Response:
    return page(frame, id, Attempt())


@router.post("/cases/{id}")
def act(id: PathId, form: forms.Posted, frame: Framed) -> Response:
    """Take the action that the form names; a refusal loses nothing that was typed."""
    frame.actor.require(*STAFF)
    action = forms.text(form, "action")
    if action not in deeds.DEEDS:
        raise UnknownAction
    entered = deeds.typed(action, form)
    begin = forms.text(form, "begin")
    if begin:
        return page(frame, id, Attempt(action, _begun(frame, id, begin, entered)))
    try:
        order = _order(frame, action, entered)
        carry_out(frame.back, frame.actor, id, action, order, forms.text(form, "version") or "0")
    except InvalidField as error:
        name = error.pointer.strip("/").split("/")[0]
        errors = {name or "form": _sentence(frame, action, name)}
        return page(frame, id, Attempt(action, entered, errors, status=422))
    except (StaleVersion, IllegalTransition, Forbidden) as error:
        seen = _number(forms.text(form, "seen"))
        attempt = Attempt(action, entered, fault=error.code, status=error.status, seen=seen)
        return _already(frame, id, attempt, order) or page(frame, id, attempt)
    return frame.to(f"/staff/cases/{id}", f"did_{action.replace('-', '_')}")


@router.post("/cases/{id}/contact")
def contact(id: PathId, form: forms.Posted, frame: Framed) -> Response:
    """How the citizen can be reached, shown once and logged."""
    found = show_contact(id, frame.back, frame.actor, frame.visit.address)
    return page(frame, id, Attempt(), contact=found)


@router.post("/cases/{id}/presence")
def presence(id: PathId, frame: QuietlyFramed) -> Response:
    """Asked by the page itself: who else looks, and whether the case has changed."""
    actor = frame.actor
    with frame.back.database.transaction(actor.scope) as conn:
        case = visible(store.find_case(conn, id), actor)
        others = look_at(conn, id, actor.name, actor.display_name or "")
    return JSONResponse({"others": [one.name for one in others], "version": case.version})


@router.post("/cases/{id}/notices")
def settle_notice(id: PathId, form: forms.Posted, frame: Framed) -> Response:
    """Send a notice again, or note that the citizen was told on the telephone."""
    frame.actor.require(*STAFF)
    settle = notice_routes.done if forms.text(form, "told") else notice_routes.retry
    name = forms.text(form, "told") or forms.text(form, "again")
    try:
        settle(_uuid(name), frame.back, frame.actor, None)
    except (notice_routes.NotACall, notice_routes.NotRetryable):
        return frame.to(f"/staff/cases/{id}", "notice_settled_before")
    return frame.to(f"/staff/cases/{id}", "notice_settled")


def _order(frame: Frame, action: str, entered: Mapping[str, str]) -> Order:
    zone = ZoneInfo(frame.back.pack.timezone)
    return validated(ACTIONS[action].order, deeds.body(action, entered, zone))


def _already(frame: Frame, id: UUID, attempt: Attempt, order: Order) -> Response | None:
    """On to the case if this very step was taken since: a form that was sent twice."""
    with frame.back.database.transaction(frame.actor.scope) as conn:
        case = visible(store.find_case(conn, id), frame.actor)
        since = [e for e in store.list_events(conn, id) if e.id > (attempt.seen or 0)]
    given = order.model_dump(include=set(COMPARED), exclude_none=True)
    if not any(_same(event, attempt.action, given, case, frame.actor.name) for event in since):
        return None
    return frame.to(f"/staff/cases/{id}", f"did_{attempt.action.replace('-', '_')}")


def _same(event: Event, action: str, given: Mapping[str, Any], case: Case, by: str) -> bool:
    if (event.actor, event.action) != (by, action):
        return False
    held = {name: event.data.get(name, getattr(case, name, None)) for name in given}
    return held == given


def _begun(frame: Frame, id: UUID, begin: str, entered: Mapping[str, str]) -> dict[str, str]:
    """The reply with a template or a similar case's reply at its end; what was typed stays."""
    text = ""
    kind, _, which = begin.partition(":")
    if kind == "template":
        offered = list_templates(frame.back, frame.actor, id)["items"]
        text = next((one["filled"] for n, one in enumerate(offered) if str(n) == which), "")
    elif kind == "similar":
        with frame.back.database.transaction(frame.actor.scope) as conn:
            text = visible(store.find_case(conn, _uuid(which)), frame.actor).reply or ""
    reply = "\n\n".join(part for part in (entered.get("reply", ""), text) if part)
    return {**entered, "reply": reply}


def _sentence(frame: Frame, action: str, name: str) -> str:
    for sentence in (f"staff.wrong.{action}.{name}", f"staff.wrong.{name}"):
        if frame.say.known(sentence):
            return frame.say(sentence)
    return frame.say("staff.wrong.other")


def page(
    frame: Frame, id: UUID, attempt: Attempt, contact: dict[str, Any] | None = None
) -> Response:
    """The case with what came of an attempt, if there was one."""
    actor, pack = frame.actor, frame.back.pack
    actor.require(*STAFF)
    with frame.back.database.transaction(actor.scope) as conn:
        sight = look(conn, id, actor, pack, frame.visit.address)
    case = sight.case
    allowed = possible(case, actor, pack, has_children=bool(sight.children))
    offered = [name for name in deeds.DEEDS if name in allowed]
    editor = next((name for name in offered if name in deeds.EDITOR), "")
    return frame.page(
        "staff/case.html",
        attempt.status,
        sight=sight,
        case=case,
        due=due(case, pack, now(), frame.say),
        days=days(case, pack),
        minutes=lambda time: span(time, frame.say),
        why=account.due_reason(case, pack),
        deeds=deeds.DEEDS,
        offered=[name for name in offered if name not in deeds.EDITOR],
        editor=editor,
        templates=list_templates(frame.back, actor, id)["items"] if editor else [],
        choices={
            name: deeds.choices(name, case, pack, sight.colleagues, frame.say) for name in offered
        },
        attempt=attempt,
        entered={**_first(case, editor), **_of(attempt)},
        history=_history(frame, sight, sight.events),
        changed=_history(frame, sight, sight.since(attempt.seen))
        if attempt.fault and attempt.seen is not None
        else [],
        who=lambda name: history.who(name or "", sight.names, frame.say) if name else "",
        contact=contact,
    )


def _history(frame: Frame, sight: Sight, events: Sequence[Event]) -> list[history.Entry]:
    when = writer(frame.language, frame.back.pack)
    return history.entries(events, sight.names, frame.back.pack, frame.say, when)


def _first(case: Case, editor: str) -> dict[str, str]:
    """What the reply editor begins with: an earlier answer."""
    if not editor:
        return {}
    fields = {
        "reply": case.reply,
        "outcome": case.outcome,
        "reason": case.outcome_reason,
        "remedy": case.remedy,
        "officer": case.officer,
    }
    return {f"{editor}.{name}": value or "" for name, value in fields.items()}


def _of(attempt: Attempt) -> dict[str, str]:
    return {f"{attempt.action}.{name}": value for name, value in attempt.entered.items()}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidField from None
