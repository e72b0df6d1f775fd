"""Steps that say who holds a case: claims, assignments, bounces, decisions, transfers."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, cast

from services.cases import orders
from services.cases.case import Case, Correction, Step
from services.cases.deadline import HandOver, handover_due_at
from services.cases.situation import Situation
from services.cases.states import IllegalTransition
from services.city import CityPack
from services.city.pack import Agency
from services.errors import InvalidField
from services.triage.rules import department_for

ARBITRATION_AT: Final = 2
"""Bounces after which the supervisor decides (소관조정)."""


def claim(case: Case, _order: orders.Order, at: Situation) -> Step:
    return Step(replace(case, assignee=at.actor.name), {"assignee": at.actor.name})


def assign(case: Case, order: orders.Order, _at: Situation) -> Step:
    assignee = cast(orders.Assign, order).assignee
    return Step(replace(case, assignee=assignee), {"assignee": assignee})


def release(case: Case, _order: orders.Order, _at: Situation) -> Step:
    return Step(replace(case, assignee=None))


def start(case: Case, _order: orders.Order, at: Situation) -> Step:
    return Step(replace(case, first_response_at=case.first_response_at or at.now))


def reroute(case: Case, order: orders.Order, at: Situation) -> Step:
    """Back to the desk, the second time to arbitration; what was arbitrated stays."""
    wanted = cast(orders.Reroute, order)
    suggested = at.pack.agency_named(wanted.suggested_agency or "")
    if wanted.suggested_agency is not None and suggested is None:
        raise InvalidField("There is no such agency.", pointer="/suggested_agency")
    if case.bound and at.actor.role == "staff" and not at.actor.is_manager:
        raise IllegalTransition("Arbitration is binding: only a supervisor sends the case back.")
    bounces = case.bounces + 1
    bounced = replace(
        case,
        state="arbitration" if bounces >= ARBITRATION_AT else "reroute_requested",
        bounces=bounces,
        assignee=None,
        handover_due_at=handover_due_at(at.pack, _handover(case, suggested), at.now),
    )
    holder = at.pack.agencies.get(case.agency_id or "")
    data = {
        "reason": wanted.reason,
        "suggested_agency": wanted.suggested_agency,
        "agency": holder.name if holder else None,
        "department": case.department,
    }
    return Step(bounced, data)


def _handover(case: Case, suggested: Agency | None) -> HandOver:
    return "misfiled" if suggested is None or suggested.id == case.agency_id else "to_agency"


def decide(case: Case, order: orders.Order, at: Situation) -> Step:
    wanted = cast(orders.Decide, order)
    if wanted.service not in at.pack.services:
        raise InvalidField("There is no such service in this city.", pointer="/service")
    agency, department = _owner(wanted, at.pack)
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


def _owner(wanted: orders.Decide, pack: CityPack) -> tuple[Agency, str]:
    agency = pack.agency_named(wanted.agency)
    if agency is None:
        raise InvalidField("There is no such agency.", pointer="/agency")
    if agency.kind == "external":
        raise InvalidField("That agency has no queue here: use transfer-out.", pointer="/agency")
    department = wanted.department or department_for(pack, agency.id, wanted.service)
    if department not in {unit.name for unit in pack.departments.get(agency.id, ())}:
        raise InvalidField("The agency has no such department.", pointer="/department")
    return agency, department


def arbitrate(case: Case, order: orders.Order, at: Situation) -> Step:
    """As `decide`, and binding (소관조정)."""
    step = decide(case, order, at)
    return replace(step, case=replace(step.case, bound=True))


def transfer_out(case: Case, order: orders.Order, at: Situation) -> Step:
    wanted = cast(orders.TransferOut, order)
    held = at.pack.agencies.get(case.agency_id or "")
    agency = at.pack.agency_named(wanted.agency) if wanted.agency else held
    if agency is None:
        raise InvalidField("Name the agency that the case goes to.", pointer="/agency")
    if agency.kind != "external":
        raise InvalidField("That agency has a queue here: decide or reroute.", pointer="/agency")
    moved = replace(case, agency_id=agency.id, department=None, assignee=None)
    return Step(moved, {"reason": wanted.reason, "agency": agency.name})
