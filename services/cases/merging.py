"""Cases with one purpose become one piece of work (Decree article 6, 다수인 민원).

A merged case stands where its parent stands: same state, same hands, same answer, its own clock
and its own citizen. What ends the parent for its citizen alone sets the others free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from services.cases import orders
from services.cases.case import Case, Step
from services.cases.running import due_again, run_clock
from services.cases.situation import Situation
from services.cases.states import MOVES, IllegalTransition
from services.errors import InvalidField

SHARED: Final = (
    *("state", "agency_id", "department", "assignee", "bound", "bounces"),
    *("reply", "outcome", "outcome_reason", "remedy", "officer", "submitted_by"),
    *("waits_until", "survey_until", "survey_extended", "handover_due_at"),
    *("extensions", "extended_at", "extended_to"),
)
"""What a merged case has from its parent."""

OWN: Final = frozenset({"note", "correct", "add", "withdraw", "unmerge", "reopen"})
"""What is still done to a merged case by itself."""


class Merged(IllegalTransition):
    """The case is merged into another: act on that one, or unmerge this."""


def merge(case: Case, _order: orders.Order, at: Situation) -> Step:
    parent = at.into
    if parent is None or parent.id == case.id:
        raise InvalidField("Name another case.", pointer="/into")
    if parent.parent_id is not None:
        raise Merged("That case is itself merged into another: merge into that one.")
    if parent.state not in MOVES["merge"].sources:
        raise IllegalTransition("That case cannot take others in, as it stands.")
    return Step(follow(case, parent, at), {"into": parent.receipt_number})


def unmerge(case: Case, _order: orders.Order, _at: Situation) -> Step:
    if case.parent_id is None:
        raise IllegalTransition("The case is not merged.")
    return Step(replace(case, parent_id=None))


def take_in(case: Case, _order: orders.Order, _at: Situation) -> Step:
    return Step(case)


def follow(case: Case, parent: Case, at: Situation) -> Case:
    """The merged case as it stands beside `parent`, by its own clock."""
    shared = {name: getattr(parent, name) for name in SHARED}
    after = replace(
        case,
        **shared,
        parent_id=parent.id,
        close_reason="merged" if parent.state == "closed" else None,
        first_response_at=case.first_response_at or parent.first_response_at,
        updated_at=at.now,
    )
    followed = run_clock(case, after, at)
    return due_again(followed, at) if case.extended_to != after.extended_to else followed


def followers(
    parent: Step, children: Sequence[Case], action: str, at: Situation
) -> list[tuple[Case, str, Step]]:
    """What a step of the parent does to the cases merged into it: (before, action, step) each."""
    found = []
    for child in children:
        if _ended_for_itself(parent.case):
            alone = replace(child, parent_id=None, updated_at=at.now)
            found.append((child, "unmerge", Step(alone)))
        elif any(getattr(child, name) != getattr(parent.case, name) for name in SHARED):
            data = {**parent.data, "parent": parent.case.receipt_number}
            found.append((child, action, Step(follow(child, parent.case, at), data)))
    return found


def _ended_for_itself(parent: Case) -> bool:
    """True if the parent ended for a reason that is its own citizen's."""
    return parent.state == "closed" and parent.close_reason is not None
