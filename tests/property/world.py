"""Some cases, what can be done to them, and what must hold whatever is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from services.cases import merging, orders
from services.cases.actions import perform
from services.cases.case import Case
from services.cases.situation import Situation
from services.cases.states import ENDED, JOIN, MOVES, NAMES, STAY, stops_clock
from services.city import CityPack
from tests.unit.cases.sample import MONDAY, a_case, order_for, situation

UNOWNED: Final = frozenset({"routed", "reroute_requested", "arbitration", "transferred_out"})
TO_THE_END: Final = {
    "review": ("decide", "triage"),
    "reroute_requested": ("decide", "triage"),
    "arbitration": ("arbitrate", "supervisor"),
    "routed": ("assign", "staff"),
    "assigned": ("start", "staff"),
    **dict.fromkeys(("supplement", "field_survey", "cooperation"), ("resume", "staff")),
    "in_progress": ("submit", "staff"),
    "approval": ("approve", "staff"),
    "resolved": ("finish", "system"),
}
"""A way to a regular end from every state that a case can be in: (action, role)."""


def order_in(action: str, now: datetime, due: datetime | None) -> orders.Order:
    if action == "extend":
        later = max(due or now, now) + timedelta(hours=2)
        return orders.Extend(reason="현장 확인", until=later, consent=True)
    return order_for(action)


class Cases:
    """Cases in memory, stepped as `acting` steps them in the database."""

    def __init__(self, city: CityPack, kinds: list[str]) -> None:
        self.city = city
        self.now = MONDAY
        self.cases = {
            id: a_case(id=id, receipt_number=f"20260803-{n:07}", petition_kind=kind)
            for n, kind in enumerate(kinds)
            for id in [UUID(int=n + 1)]
        }

    def act(self, id: UUID, action: str, role: str, into: UUID | None) -> None:
        before = self.cases[id]
        at = replace(self._at(role), into=self.cases[into] if into else None)
        children = [case for case in self.cases.values() if case.parent_id == id]
        if action == "merge" and children:
            raise merging.Merged
        step = perform(before, action, order_in(action, self.now, before.due_at), at)
        assert_step(before, step.case, action, at.into)
        self._write(step.case)
        for child, _, its in merging.followers(step, children, action, at):
            assert_clock(child, its.case)
            self._write(its.case)

    def _at(self, role: str) -> Situation:
        return situation(self.city, role, self.now)

    def _write(self, case: Case) -> None:
        self.cases[case.id] = replace(case, version=case.version + 1)


def assert_step(before: Case, after: Case, action: str, into: Case | None) -> None:
    """The move stands in the table, one has the case in hand, and its clock is sound."""
    allowed = MOVES[action]
    named = {STAY: before.state, JOIN: into.state if into else ""}
    assert before.state in allowed.sources
    assert after.state in [named.get(to, to) for to in allowed.to]
    assert after.state in NAMES
    if action != "merge":
        assert after.bounces - before.bounces == (action == "reroute")
    assert (after.state == "arbitration") <= (after.bounces >= 2)
    if after.state == "assigned":
        assert after.assignee
    if after.state in UNOWNED:
        assert after.assignee is None
    assert_clock(before, after)


def assert_clock(before: Case, after: Case) -> None:
    still = stops_clock(after.state, after.petition_kind)
    assert (after.paused_since is not None) <= still
    assert still <= (after.paused_since is not None or after.survey_until is not None)
    spans = after.closed_pauses
    assert all(start <= end for start, end in spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    assert spans[: len(before.closed_pauses)] == before.closed_pauses
    assert after.due_at is not None
    assert after.due_at >= after.received_at
    assert (after.waits_until is not None) <= (
        after.state in ("supplement", "field_survey", "cooperation")
    )
    assert (after.resolved_at is not None) >= (after.state == "resolved")
    assert (after.closed_at is not None) == (after.state in ENDED)
    assert after.extensions <= 2


def assert_family(cases: list[Case]) -> None:
    """A merged case stands where its parent stands, and no parent is merged."""
    by_id = {case.id: case for case in cases}
    for case in cases:
        if case.parent_id is not None:
            parent = by_id[case.parent_id]
            assert parent.parent_id is None
            assert (case.state, case.agency_id, case.assignee) == (
                *(parent.state, parent.agency_id, parent.assignee),
            )
            assert (case.close_reason == "merged") == (case.state == "closed")
