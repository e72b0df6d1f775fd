"""One step of a case, from the row's lock to its event: how every edge acts on a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from services.access.actor import Actor, person
from services.access.staff import staff_of
from services.cases import asking, merging, orders, store
from services.cases.actions import perform
from services.cases.case import Case, Step
from services.cases.situation import Situation
from services.database import Connection
from services.errors import InvalidField, NotFound

Fits = Callable[[int], bool]
NO_SUCH_CASE: Final = "There is no such case."


def act(
    conn: Connection,
    case_id: UUID,
    action: str,
    order: orders.Order,
    at: Situation,
    fits: Fits | None = None,
) -> Case:
    """Take `action` and return the case as it is afterwards; cases merged into it follow.

    `fits` says whether a version is one that the caller has read. Raises what `perform` raises,
    `StaleVersion`, and `NotFound` for a case that the transaction or the actor may not see.
    """
    if action == "merge":
        return _merge(conn, case_id, order, at, fits)
    case = _lock(conn, case_id, at.actor, fits)
    if isinstance(order, orders.Assign):
        order = _to_known(conn, case, order)
    children = store.lock_children(conn, case_id)
    at = replace(at, waiting=asking.count_questions(conn, case_id))
    step = _save(conn, case, action, perform(case, action, order, at), at)
    for child, following, its in merging.followers(step, children, action, at):
        _save(conn, child, following, its, at)
    return store.find_case(conn, case_id)


def visible(case: Case, actor: Actor) -> Case:
    """The case, unless it lies in a department that the caller does not cover."""
    if actor.departments and case.department not in actor.departments:
        raise NotFound
    return case


def _lock(conn: Connection, case_id: UUID, actor: Actor, fits: Fits | None) -> Case:
    found = store.lock_cases(conn, [case_id])
    if not found:
        raise NotFound
    return _check(found[0], actor, fits)


def _check(case: Case, actor: Actor, fits: Fits | None) -> Case:
    """The case, if the actor covers it and the caller has read this version."""
    visible(case, actor)
    if fits is not None and not fits(case.version):
        raise store.StaleVersion
    return case


def _to_known(conn: Connection, case: Case, order: orders.Assign) -> orders.Assign:
    """The assignment by the name that events use; any name does where nobody has an account."""
    people = staff_of(conn, case.agency_id or "", case.department)
    names = {name: person(one.id) for one in people for name in (one.username, person(one.id))}
    if names and order.assignee not in names:
        raise InvalidField("Nobody of that name works in this department.", pointer="/assignee")
    return orders.Assign(assignee=names.get(order.assignee, order.assignee))


def _save(conn: Connection, before: Case, action: str, step: Step, at: Situation) -> Step:
    store.save_step(conn, before, step, at.by, action)
    if step.question is not None:
        asking.add_question(conn, uuid7(), step.case, step.question, at.by, at.now)
    timed_out = action == "resume" and at.actor.role == "system"
    if before.state == "cooperation" != step.case.state and not timed_out:
        asking.cancel_questions(conn, before.id, at.now)
    return step


def _merge(
    conn: Connection, case_id: UUID, order: orders.Order, at: Situation, fits: Fits | None
) -> Case:
    """Locks in the order of ids, so that two merges that cross wait instead of blocking."""
    _check(store.find_case(conn, case_id), at.actor, fits)
    into = _into(conn, order, at.actor)
    cases = {case.id: case for case in store.lock_cases(conn, [case_id, into])}
    if case_id not in cases:
        raise NotFound
    case = _check(cases[case_id], at.actor, fits)
    if into not in cases:
        raise InvalidField(NO_SUCH_CASE, pointer="/into")
    parent = cases[into]
    if store.lock_children(conn, case_id):
        raise merging.Merged("Others are merged into this case: merge that one into this.")
    step = perform(case, "merge", order, replace(at, into=parent))
    _save(conn, case, "merge", step, at)
    taken = Step(replace(parent, updated_at=at.now), {"from": case.receipt_number})
    _save(conn, parent, "take-in", taken, at)
    return store.find_case(conn, case_id)


def _into(conn: Connection, order: orders.Order, actor: Actor) -> UUID:
    """The id of the case that a merge names; raises `InvalidField` if there is none to see."""
    name = order.into if isinstance(order, orders.Merge) else ""
    try:
        return visible(_named(conn, name), actor).id
    except NotFound:
        raise InvalidField(NO_SUCH_CASE, pointer="/into") from None


def _named(conn: Connection, name: str) -> Case:
    """The case of this id or receipt number; raises `NotFound`."""
    try:
        return store.find_case(conn, UUID(name))
    except ValueError:
        found = store.find_case_by_receipt(conn, name)
        if found is None:
            raise NotFound from None
        return found
