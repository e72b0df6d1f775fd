"""What each action does to a case: pure steps, allowed by `states`, written by `acting`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from services.cases import ending, merging, orders, ownership, work
from services.cases.case import Case, Step
from services.cases.deadline import handover_due_at
from services.cases.running import run_clock
from services.cases.situation import Situation as Situation
from services.cases.states import JOIN, STAY, UnknownAction, may, move
from services.errors import Forbidden


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
    if case.parent_id is not None and action not in merging.OWN:
        raise merging.Merged
    step = ACTIONS[action].take(case, order, at)
    chosen = len(allowed.to) > 1 or allowed.to == (JOIN,)
    state = step.case.state if chosen else allowed.to[0]
    after = replace(step.case, state=case.state if state == STAY else state)
    if after.state == "routed" != case.state and after.parent_id is None:
        after = replace(after, handover_due_at=handover_due_at(at.pack, "misfiled", at.now))
    if at.actor.agency_id is not None and after.agency_id != at.actor.agency_id:
        raise Forbidden("Only a key of the whole city moves a case to another agency.")
    return replace(step, case=run_clock(case, after, at))


def _nothing(case: Case, _order: orders.Order, _at: Situation) -> Step:
    return Step(case)


@dataclass(frozen=True, slots=True)
class Action:
    """How an action is ordered, what it does, and what a caller should know of it."""

    order: type[orders.Order]
    take: Callable[[Case, orders.Order, Situation], Step]
    about: str


ACTIONS: Final[dict[str, Action]] = {
    "decide": Action(orders.Decide, ownership.decide, "Name the service and the owner."),
    "arbitrate": Action(orders.Decide, ownership.arbitrate, "Decide for good who owns it."),
    "transfer-out": Action(
        orders.TransferOut, ownership.transfer_out, "Send it to an agency without a queue here."
    ),
    "claim": Action(orders.Nothing, ownership.claim, "Take it."),
    "assign": Action(orders.Assign, ownership.assign, "Give it to a handler."),
    "reassign": Action(orders.Assign, ownership.assign, "Give begun work into other hands."),
    "release": Action(orders.Nothing, ownership.release, "Put it back into the queue."),
    "start": Action(orders.Nothing, ownership.start, "Begin to work on it."),
    "note": Action(orders.Note, work.note, "Write a note for colleagues."),
    "correct": Action(
        orders.Correct, work.correct, "Correct service, kind, urgency (labels) or petition kind."
    ),
    "reroute": Action(
        orders.Reroute, ownership.reroute, "Send it back to the desk; the second time, arbitration."
    ),
    "supplement": Action(
        orders.Supplement, work.supplement, "Ask the citizen; the clock stands still meanwhile."
    ),
    "answer-supplement": Action(orders.Note, work.note, "The citizen's answer."),
    "field-survey": Action(
        orders.Nothing, work.survey, "Go and look for up to 14 days; once more, 7 days longer."
    ),
    "cooperate": Action(orders.Cooperate, work.cooperate, "Ask another unit, by a day of its own."),
    "answer-cooperation": Action(orders.Note, work.answer_cooperation, "The unit's answer."),
    "add": Action(orders.Note, work.note, "What a citizen or a unit adds, unasked or late."),
    "resume": Action(orders.Nothing, work.resume, "Go on without waiting any longer."),
    "extend": Action(
        orders.Extend, work.extend, "A later due time: once, and once more with consent."
    ),
    "submit": Action(orders.Submit, ending.submit, "Put a reply forward for approval."),
    "return": Action(orders.Reason, ending.send_back, "Refuse approval, with the reason."),
    "approve": Action(orders.Nothing, ending.approve, "Approve: the case is answered."),
    "resolve": Action(
        orders.Resolve, ending.resolve, "As approve; without approval where the unit may skip it."
    ),
    "finish": Action(orders.Delivery, ending.finish, "Close it after its answer."),
    "close": Action(
        orders.Close, ending.close, "End it as a repeat (Act 23), an exception (21) or returned."
    ),
    "withdraw": Action(orders.Reason, ending.withdraw, "End it at the citizen's wish."),
    "merge": Action(orders.Merge, merging.merge, "Let it follow another case with one purpose."),
    "unmerge": Action(orders.Nothing, merging.unmerge, "Let it go its own way again."),
    "take-in": Action(orders.Nothing, merging.take_in, "Another case was merged into this."),
    "reopen": Action(orders.Reason, ending.reopen, "Take it up again: the agency's own error."),
}
