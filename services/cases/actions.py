"""What each action does to a case: pure steps, allowed by `states`, written by `store`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

from psycopg.types.range import Range

from services.access.actor import Actor
from services.cases import orders
from services.cases.case import KINDS, URGENCIES, Case, Correction, Step
from services.cases.clock import DueAt
from services.cases.states import STAY, IllegalTransition, UnknownAction, may, move, stops_clock
from services.city import CityPack
from services.errors import Forbidden, InvalidField
from services.triage.rules import department_for

ARBITRATION_AT: Final = 2
"""Bounces after which the supervisor decides (소관조정)."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Who acts, when, and by which city's rules."""

    actor: Actor
    now: datetime
    pack: CityPack
    due_at: DueAt


def perform(case: Case, action: str, order: orders.Order, at: Situation) -> Step:
    """The step that `action` makes.

    Raises `UnknownAction`, `Forbidden`, `IllegalTransition`, or `InvalidField` for an order that
    does not fit the city.
    """
    if action not in ACTIONS:
        raise UnknownAction
    if not may(action, at.actor.role):
        raise Forbidden
    allowed = move(action, case.state)
    step = ACTIONS[action].take(case, order, at)
    state = step.case.state if len(allowed.to) > 1 else allowed.to[0]
    after = replace(step.case, state=case.state if state == STAY else state, updated_at=at.now)
    if at.actor.agency_id is not None and after.agency_id != at.actor.agency_id:
        raise Forbidden("Only a key of the whole city moves a case to another agency.")
    return replace(step, case=_clock_on(case, after, at))


def _clock_on(before: Case, after: Case, at: Situation) -> Case:
    """Start or end a pause as the states say, and set the due time anew when one ended."""
    since, stops = before.paused_since, stops_clock(after.state, after.petition_kind)
    if since is None or stops:
        return replace(after, paused_since=since or (at.now if stops else None))
    until = max(since, at.now)
    if before.state == "field_survey":
        until = min(until, since + timedelta(days=at.pack.clock.field_survey_days))
    span = Range(since, until, "[)")
    return _due_again(replace(after, paused_since=None, pauses=[*before.pauses, span]), at)


def _due_again(case: Case, at: Situation) -> Case:
    due = at.due_at(case.petition_kind, case.received_at, case.closed_pauses)
    return replace(case, due_at=due)


def _nothing(case: Case, _order: orders.Order, _at: Situation) -> Step:
    return Step(case)


def _note(case: Case, order: orders.Order, _at: Situation) -> Step:
    return Step(case, {"text": cast(orders.Note, order).text})


def _reason(case: Case, order: orders.Order, _at: Situation) -> Step:
    return Step(case, {"reason": cast(orders.Reason, order).reason})


def _claim(case: Case, _order: orders.Order, at: Situation) -> Step:
    return Step(replace(case, assignee=at.actor.name), {"assignee": at.actor.name})


def _assign(case: Case, order: orders.Order, _at: Situation) -> Step:
    assignee = cast(orders.Assign, order).assignee
    return Step(replace(case, assignee=assignee), {"assignee": assignee})


def _release(case: Case, _order: orders.Order, _at: Situation) -> Step:
    return Step(replace(case, assignee=None))


def _start(case: Case, _order: orders.Order, at: Situation) -> Step:
    return Step(replace(case, first_response_at=case.first_response_at or at.now))


def _correct(case: Case, order: orders.Order, at: Situation) -> Step:
    wanted = cast(orders.Correct, order)
    if wanted.service is not None and wanted.service not in at.pack.services:
        raise InvalidField("There is no such service in this city.", pointer="/service")
    if wanted.kind is not None and wanted.kind not in KINDS:
        raise InvalidField("There is no such kind.", pointer="/kind")
    before = {"service": case.service, "kind": case.kind, "urgency": URGENCIES[case.urgency]}
    after = {name: getattr(wanted, name) or value for name, value in before.items()}
    changed = tuple(
        Correction(name, before[name], value)
        for name, value in after.items()
        if value is not None and value != before[name]
    )
    corrected = replace(
        case,
        service=after["service"],
        kind=after["kind"],
        urgency=URGENCIES.index(str(after["urgency"])),
    )
    return Step(_petition_kind(case, corrected, at), _as_data(changed), changed)


def _petition_kind(before: Case, after: Case, at: Situation) -> Case:
    """A new kind may bring another statutory period."""
    if after.kind is None or after.kind == before.kind:
        return after
    petition_kind = at.pack.petitions.kind_for(after.channel, after.kind).id
    return _due_again(replace(after, petition_kind=petition_kind), at)


def _as_data(changed: tuple[Correction, ...]) -> dict[str, Any]:
    return {item.field: {"before": item.before, "after": item.after} for item in changed}


def _reroute(case: Case, order: orders.Order, at: Situation) -> Step:
    wanted = cast(orders.Reroute, order)
    suggested = wanted.suggested_agency
    if suggested is not None and at.pack.agency_named(suggested) is None:
        raise InvalidField("There is no such agency.", pointer="/suggested_agency")
    bounces = case.bounces + 1
    state = "arbitration" if bounces >= ARBITRATION_AT else "reroute_requested"
    bounced = replace(case, state=state, bounces=bounces, assignee=None)
    return Step(bounced, {"reason": wanted.reason, "suggested_agency": suggested})


def _decide(case: Case, order: orders.Order, at: Situation) -> Step:
    wanted = cast(orders.Decide, order)
    agency = at.pack.agency_named(wanted.agency)
    if wanted.service not in at.pack.services:
        raise InvalidField("There is no such service in this city.", pointer="/service")
    if agency is None:
        raise InvalidField("There is no such agency.", pointer="/agency")
    if agency.kind == "external":
        raise InvalidField("That agency has no queue here: use transfer-out.", pointer="/agency")
    department = wanted.department or department_for(at.pack, agency.id, wanted.service)
    if department not in {unit.name for unit in at.pack.departments.get(agency.id, ())}:
        raise InvalidField("The agency has no such department.", pointer="/department")
    decided = replace(
        case, service=wanted.service, agency_id=agency.id, department=department, assignee=None
    )
    changed = tuple(
        Correction(name, old, new)
        for name, old, new in (
            ("service", case.service, wanted.service),
            ("agency", case.agency_id, agency.id),
        )
        if old != new
    )
    return Step(decided, {"agency": agency.name, "department": department}, changed)


def _transfer_out(case: Case, order: orders.Order, at: Situation) -> Step:
    wanted = cast(orders.TransferOut, order)
    held = at.pack.agencies.get(case.agency_id or "")
    agency = at.pack.agency_named(wanted.agency) if wanted.agency else held
    if agency is None:
        raise InvalidField("Name the agency that the case goes to.", pointer="/agency")
    if agency.kind != "external":
        raise InvalidField("That agency has a queue here: decide or reroute.", pointer="/agency")
    moved = replace(case, agency_id=agency.id, department=None, assignee=None)
    return Step(moved, {"reason": wanted.reason, "agency": agency.name})


def _ask(case: Case, order: orders.Order, _at: Situation) -> Step:
    return Step(case, {"text": cast(orders.Ask, order).text})


def _submit(case: Case, order: orders.Order, _at: Situation) -> Step:
    wanted = cast(orders.Submit, order)
    submitted = replace(case, reply=wanted.reply, outcome=wanted.outcome)
    return Step(submitted, {"outcome": wanted.outcome})


def _resolve(case: Case, order: orders.Order, at: Situation) -> Step:
    """Straight from work in progress only where the department may skip approval."""
    wanted = cast(orders.Resolve, order)
    if case.state == "in_progress" and not _resolves_directly(case, at.pack):
        raise IllegalTransition("This department's replies need approval: submit it first.")
    reply, outcome = wanted.reply or case.reply, wanted.outcome or case.outcome
    if not reply or not outcome:
        raise InvalidField("A case is resolved with a reply and an outcome.", pointer="/reply")
    resolved = replace(case, reply=reply, outcome=outcome, resolved_at=at.now)
    return Step(resolved, {"outcome": outcome})


def _resolves_directly(case: Case, pack: CityPack) -> bool:
    units = pack.departments.get(case.agency_id or "", ())
    return any(unit.direct_resolve for unit in units if unit.name == case.department)


def _approve(case: Case, _order: orders.Order, at: Situation) -> Step:
    return _resolve(case, orders.Resolve(), at)


def _withdraw(case: Case, order: orders.Order, _at: Situation) -> Step:
    reason = cast(orders.Reason, order).reason
    return Step(replace(case, close_reason="withdrawn"), {"reason": reason})


def _reopen(case: Case, order: orders.Order, _at: Situation) -> Step:
    reason = cast(orders.Reason, order).reason
    return Step(replace(case, resolved_at=None, close_reason=None), {"reason": reason})


@dataclass(frozen=True, slots=True)
class Action:
    """How an action is ordered and what it does."""

    order: type[orders.Order]
    take: Callable[[Case, orders.Order, Situation], Step]


ACTIONS: Final[dict[str, Action]] = {
    "decide": Action(orders.Decide, _decide),
    "arbitrate": Action(orders.Decide, _decide),
    "transfer-out": Action(orders.TransferOut, _transfer_out),
    "claim": Action(orders.Nothing, _claim),
    "assign": Action(orders.Assign, _assign),
    "release": Action(orders.Nothing, _release),
    "start": Action(orders.Nothing, _start),
    "note": Action(orders.Note, _note),
    "correct": Action(orders.Correct, _correct),
    "reroute": Action(orders.Reroute, _reroute),
    "supplement": Action(orders.Ask, _ask),
    "field-survey": Action(orders.Nothing, _nothing),
    "cooperate": Action(orders.Ask, _ask),
    "resume": Action(orders.Nothing, _nothing),
    "submit": Action(orders.Submit, _submit),
    "return": Action(orders.Reason, _reason),
    "approve": Action(orders.Nothing, _approve),
    "resolve": Action(orders.Resolve, _resolve),
    "withdraw": Action(orders.Reason, _withdraw),
    "reopen": Action(orders.Reason, _reopen),
}
