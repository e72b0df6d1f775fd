"""Steps towards the end of a case and back from it: replies, approval, closing, reopening."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from services.cases import orders
from services.cases.case import Case, Step
from services.cases.situation import Situation
from services.cases.states import IllegalTransition
from services.city import CityPack
from services.errors import Forbidden, InvalidField


def submit(case: Case, order: orders.Order, at: Situation) -> Step:
    answered = _answered(case, cast(orders.Resolve, order), at)
    return Step(replace(answered, submitted_by=at.by), {"outcome": answered.outcome})


def send_back(case: Case, order: orders.Order, at: Situation) -> Step:
    _may_approve(case, at)
    return Step(case, {"reason": cast(orders.Reason, order).reason})


def resolve(case: Case, order: orders.Order, at: Situation) -> Step:
    """Straight from work in progress only where the department may skip approval."""
    if case.state == "approval":
        _may_approve(case, at)
    elif not resolves_directly(case, at.pack):
        raise IllegalTransition("This department's replies need approval: submit it first.")
    answered = _answered(case, cast(orders.Resolve, order), at)
    return Step(answered, {"outcome": answered.outcome})


def approve(case: Case, _order: orders.Order, at: Situation) -> Step:
    return resolve(case, orders.Resolve(), at)


def _answered(case: Case, wanted: orders.Resolve, at: Situation) -> Case:
    """The case with its answer. A refusal gives its reason and the remedy, and any answer names
    the officer in charge (Act article 27).
    """
    reply, outcome = wanted.reply or case.reply, wanted.outcome or case.outcome
    if not reply or not outcome:
        raise InvalidField("A case is resolved with a reply and an outcome.", pointer="/reply")
    reason, remedy = wanted.reason or case.outcome_reason, wanted.remedy or case.remedy
    if outcome == "not_accepted" and not reason:
        raise InvalidField("A refusal gives its reason.", pointer="/reason")
    if outcome == "not_accepted" and not remedy:
        raise InvalidField("A refusal names the remedy.", pointer="/remedy")
    officer = wanted.officer or case.officer or at.actor.display_name or case.department
    return replace(
        case, reply=reply, outcome=outcome, outcome_reason=reason, remedy=remedy, officer=officer
    )


def _may_approve(case: Case, at: Situation) -> None:
    """Four eyes: a person approves another's reply. An agency's program answers for itself."""
    if not at.actor.is_person:
        return
    if not at.actor.may_approve:
        raise Forbidden("Your account may not approve replies.")
    if case.submitted_by == at.by:
        raise Forbidden("Whoever submitted a reply may not approve it.")


def resolves_directly(case: Case, pack: CityPack) -> bool:
    units = pack.departments.get(case.agency_id or "", ())
    return any(unit.direct_resolve for unit in units if unit.name == case.department)


def finish(case: Case, order: orders.Order, _at: Situation) -> Step:
    return Step(case, {"delivered": cast(orders.Delivery, order).delivered})


def close(case: Case, order: orders.Order, at: Situation) -> Step:
    """Without an answer, by a person who says why and may approve; never by the machine."""
    if at.actor.is_person and not at.actor.may_approve:
        raise Forbidden("Your account may not close cases.")
    wanted = cast(orders.Close, order)
    data = {"reason": wanted.reason, "text": wanted.text}
    return Step(replace(case, close_reason=wanted.reason), data)


def withdraw(case: Case, order: orders.Order, _at: Situation) -> Step:
    reason = cast(orders.Reason, order).reason
    return Step(replace(case, close_reason="withdrawn", parent_id=None), {"reason": reason})


def reopen(case: Case, order: orders.Order, _at: Situation) -> Step:
    """Back to whoever had it; to the desk or the queue if nobody did."""
    reason = cast(orders.Reason, order).reason
    state = "in_progress" if case.assignee else "routed" if case.agency_id else "review"
    again = replace(case, state=state, close_reason=None, submitted_by=None, parent_id=None)
    return Step(again, {"reason": reason})
