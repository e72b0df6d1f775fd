"""Callers of every kind over the real application, and what their deeds must leave behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg

from services.access import staff
from services.access.actor import Actor
from services.access.staff import NewPerson
from services.cases import citizen, orders, store
from services.cases.acting import act
from services.cases.case import Case
from services.cases.deadline import statutory_clock
from services.cases.merging import OWN
from services.cases.ownership import ARBITRATION_AT
from services.cases.situation import CITIZEN, SYSTEM, Situation
from services.cases.states import ENDED, MOVES
from services.city import CityPack
from services.database import API, CITY, WORKER, Database, Scope
from services.errors import TriageError
from tests.integration.api.town import Town
from tests.unit.cases.sample import order_for
from tests.unit.cases.test_states import PEOPLE

HOME, AWAY = "북구청", "서구청"
AGENCIES: Final = {"bukgu": HOME, "seogu": AWAY}
KEYS: Final = {HOME: "staff", AWAY: "staff", "triage": "triage", "supervisor": "supervisor"}
ILLEGAL: Final = (409, "illegal_transition")
CONDITIONS: Final = {
    "assign": {422},  # nobody of that name
    "reassign": {422},
    "approve": {403},  # four eyes
    "return": {403},
    "resolve": {403, 409},  # ... and a department whose replies need approval
    "close": {403},
    "field-survey": {409},  # longer only once
    "extend": {409, 422},  # twice at most, never while the clock stands still
    "reroute": {409},  # what was arbitrated is binding
    "merge": {409, 422},
    "unmerge": {409},
}
"""Refusals beyond the table of states, by what each action asks for besides."""
BESIDES: Final = {
    "add": {"citizen", "system"},
    "answer-supplement": {"citizen", "system"},
    "answer-cooperation": {"system"},
    "finish": {"system"},
    "withdraw": {"citizen", "system"},
    "resume": {"system"},
    "unmerge": {"system"},
}
"""Who acts beside the people that the table names."""
LATER: Final = {"extend", "correct", "reopen", "merge", "unmerge"}
"""What may move the due time though no pause ends."""


@dataclass(slots=True)
class Walkers:
    """A clock that can be moved, two people of one agency, and everyone with a key."""

    town: Town
    pack: CityPack
    conn: psycopg.Connection[tuple[Any, ...]]
    api: Database
    worker: Database
    handler: Actor
    approver: Actor
    now: datetime

    def situation(self, actor: Actor) -> Situation:
        return Situation(actor, self.now, self.pack, statutory_clock(self.pack))

    def case(self, id: str) -> Case:
        found = store.find_case(self.conn, UUID(id))
        self.conn.rollback()
        return found

    def wanted(self, action: str, case: Case) -> orders.Order:
        if action == "assign" or action == "reassign":
            return orders.Assign(assignee=self.handler.name)
        if action == "extend":
            until = max(case.due_at or self.now, self.now) + timedelta(hours=1)
            return orders.Extend(reason="현장 확인", until=until, consent=True)
        return order_for(action)

    def by_key(self, who: str, id: str, action: str, order: orders.Order) -> tuple[int, str]:
        """Over HTTP, with whatever version the case has; (status, code)."""
        body = order.model_dump(mode="json", exclude_none=True)
        if action in ("decide", "arbitrate"):
            answer = self.town.post(f"/v1/review/{id}/decide", who, body)
        else:
            answer = self.town.act(id, action, who, "*", **body)
        return answer.status_code, answer.json().get("code", "")

    def by_hand(self, actor: Actor, id: str, action: str, order: orders.Order) -> tuple[int, str]:
        """As a page does it for a person, a citizen or the system."""
        scope = actor.scope
        if actor is CITIZEN:
            scope = Scope("citizen", receipt=self.case(id).receipt_number)
        database = self.worker if actor is SYSTEM else self.api
        try:
            with database.transaction(CITY if actor is SYSTEM else scope) as conn:
                if isinstance(order, orders.Note) and actor is CITIZEN:
                    citizen.answer_supplement(conn, UUID(id), order, self.situation(actor))
                elif isinstance(order, orders.Reason) and actor is CITIZEN:
                    citizen.withdraw(conn, UUID(id), order, self.situation(actor))
                else:
                    act(conn, UUID(id), action, order, self.situation(actor))
        except TriageError as error:
            return error.status, error.code
        return 200, ""

    def close(self) -> None:
        for held in (self.conn, self.api, self.worker):
            held.close()


def open_walkers(town: Town, pack: CityPack, now: datetime) -> Walkers:
    conn = psycopg.connect(town.settings.database_url)
    people = [
        NewPerson("handler", "담당", "staff", agency_id="bukgu", departments=["시설지원과"]),
        NewPerson("approver", "팀장", "staff", agency_id="bukgu", may_approve=True),
    ]
    handler, approver = (staff.add(conn, uuid4(), one).actor for one in people)
    conn.commit()
    api, worker = (Database(town.settings.database_url, role, size=2) for role in (API, WORKER))
    api.open()
    worker.open()
    return Walkers(town, pack, conn, api, worker, handler, approver, now)


def may_answer(walkers: Walkers, actor: Actor, action: str, case: Case) -> set[int]:
    """The statuses that the table and the walls allow for this deed; 409 is told apart by code."""
    hidden = actor.agency_id not in (None, case.agency_id) or (
        actor.agency_id is not None and case.state == "review"
    )
    if hidden or (actor.departments and case.department not in actor.departments):
        return {404}
    if actor.role not in PEOPLE.get(action, set()) | BESIDES.get(action, set()):
        return {403}
    if case.state not in MOVES[action].sources:
        return {409}
    if case.parent_id is not None and action not in OWN:
        return {409}
    return {200} | CONDITIONS.get(action, set())


def assert_written(before: Case, after: Case, action: str) -> None:
    """One version, a sound clock, a due time that moved only where it may."""
    assert after.version == before.version + 1
    assert_sound(after)
    assert after.pauses[: len(before.pauses)] == before.pauses
    assert before.due_at is not None
    assert after.due_at is not None
    resumed = len(after.pauses) > len(before.pauses)
    if action not in LATER and not resumed:
        assert after.due_at == before.due_at
    if action not in {"correct", "merge", "unmerge"}:
        assert after.due_at >= before.due_at


def assert_sound(case: Case) -> None:
    assert case.due_at is not None
    assert case.due_at >= case.received_at
    spans = case.closed_pauses
    assert all(start <= end for start, end in spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    if case.paused_since is not None:
        assert all(end <= case.paused_since for _, end in spans)
        assert case.state in ("supplement", "field_survey")
    assert (case.closed_at is not None) == (case.state in ENDED)
    assert case.bounces < ARBITRATION_AT or case.state != "reroute_requested"
    if case.state in ("routed", "review", "reroute_requested", "arbitration"):
        assert case.assignee is None
