"""What a person may do with a case as it stands, so that nothing is offered that must be refused.

The state table says most of it; the rest are the steps' own conditions that no order can meet.
"""

from __future__ import annotations

from services.access.actor import Actor
from services.cases.case import Case
from services.cases.ending import resolves_directly
from services.cases.merging import OWN
from services.cases.states import MOVES, may
from services.cases.work import EXTENSIONS
from services.city import CityPack


def possible(case: Case, actor: Actor, pack: CityPack, *, has_children: bool = False) -> list[str]:
    """The actions by name, in the order of the state table."""
    return [
        action
        for action, move in MOVES.items()
        if case.state in move.sources
        and move.roles - {"system", "citizen", "channel"}
        and may(action, actor.role)
        and (case.parent_id is None or action in OWN)
        and _fits(action, case, actor, pack, has_children)
    ]


def _fits(action: str, case: Case, actor: Actor, pack: CityPack, has_children: bool) -> bool:
    match action:
        case "claim":
            return actor.agency_id is not None
        case "transfer-out" | "decide" | "arbitrate":
            return actor.agency_id is None
        case "reroute":
            return not case.bound or actor.role != "staff" or actor.is_manager
        case "field-survey":
            return case.state != "field_survey" or not case.survey_extended
        case "extend":
            fixed = pack.petitions.named(case.petition_kind).length is not None
            return fixed and case.paused_since is None and case.extensions < EXTENSIONS
        case "approve" | "return":
            return _other_eyes(case, actor)
        case "resolve":
            if case.state == "approval":
                return _other_eyes(case, actor)
            return resolves_directly(case, pack)
        case "close":
            return actor.may_approve or not actor.is_person
        case "merge":
            return not has_children
        case "unmerge":
            return case.parent_id is not None
    return True


def _other_eyes(case: Case, actor: Actor) -> bool:
    if not actor.is_person:
        return True
    return actor.may_approve and case.submitted_by != actor.name
