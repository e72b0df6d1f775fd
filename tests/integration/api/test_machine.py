"""Keys, people, the system and citizens take turns at cases over the real application."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from services.access.actor import Actor
from services.api import backend
from services.api.routes import queue
from services.cases import orders
from services.cases.actions import ACTIONS
from services.cases.case import Case
from services.cases.situation import CITIZEN, SYSTEM
from services.cases.states import ENDED
from services.city import CityPack
from tests.integration.api.town import Town
from tests.integration.api.walkers import (
    AGENCIES,
    HOME,
    ILLEGAL,
    KEYS,
    Walkers,
    assert_sound,
    assert_written,
    may_answer,
    open_walkers,
)
from tests.property.world import TO_THE_END

WITHIN = {"claim", "answer-cooperation", "add", "take-in", "finish", "answer-supplement"}
OVER_HTTP = sorted(ACTIONS.keys() - WITHIN - {"merge"})
BY_HAND = sorted(ACTIONS.keys() - {"decide", "arbitrate", "transfer-out", "merge", "take-in"})
KINDS = ("other", "grievance", "query")
MADE = (
    "SELECT (SELECT count(*) FROM case_events WHERE case_id = c.id),"
    " (SELECT count(*) FROM outbox WHERE case_id = c.id AND topic = 'notice'), c.version"
    " FROM cases c WHERE c.id = ANY(%s) ORDER BY c.id"
)
cases = st.integers(0, 2)


@pytest.fixture(scope="module")
def walkers(town: Town, pack: CityPack) -> Iterator[Walkers]:
    made = open_walkers(town, pack, datetime.now(UTC))
    with pytest.MonkeyPatch.context() as patched:
        for module in (backend, queue):
            patched.setattr(module, "now", lambda: made.now)
        yield made
    made.close()


class Machine(RuleBasedStateMachine):
    walkers: Walkers

    @initialize(kinds=st.lists(st.sampled_from(KINDS), min_size=3, max_size=3))
    def begin(self, kinds: list[str]) -> None:
        town, self.walkers.now = self.walkers.town, datetime.now(UTC)
        due = self.walkers.situation(SYSTEM).due_at
        self.ids = sorted(str(town.file().json()["id"]) for _ in kinds)
        for id, kind in zip(self.ids, kinds, strict=True):
            when = due(kind, self.walkers.case(id).received_at, ())
            town.place([id], petition_kind=kind, due_at=when.isoformat())
        self.counts = self._counts()

    @rule(which=cases, action=st.sampled_from(OVER_HTTP), who=st.sampled_from(sorted(KEYS)))
    def with_a_key(self, which: int, action: str, who: str) -> None:
        agency = next((id for id, name in AGENCIES.items() if name == who), None)
        actor = Actor("any", KEYS[who], "desk", agency)
        if action in ("decide", "arbitrate"):
            if actor.role == "staff":
                return
            state = self.walkers.case(self.ids[which]).state
            action = "arbitrate" if state == "arbitration" else "decide"
        self._take(which, action, actor, who)

    @rule(which=cases, action=st.sampled_from(BY_HAND), approver=st.booleans())
    def by_a_person(self, which: int, action: str, approver: bool) -> None:
        walkers = self.walkers
        self._take(which, action, walkers.approver if approver else walkers.handler)

    @rule(which=cases, action=st.sampled_from(["answer-supplement", "withdraw"]))
    def by_the_citizen(self, which: int, action: str) -> None:
        case = self.walkers.case(self.ids[which])
        if action == "answer-supplement" and (case.state != "supplement" or case.parent_id):
            action = "add"
        self._take(which, action, CITIZEN)

    @rule(which=cases)
    def by_the_sweepers(self, which: int) -> None:
        """The waits that are over by the moved clock, the answers that nothing closes."""
        case = self.walkers.case(self.ids[which])
        if case.waits_until and case.waits_until < self.walkers.now and not case.parent_id:
            self._take(which, "resume", SYSTEM)
        elif case.state == "resolved" and not case.parent_id:
            self._take(which, "finish", SYSTEM)

    @rule(which=cases)
    def go_on(self, which: int) -> None:
        """The regular next step, so that walks come far."""
        case = self.walkers.case(self.ids[which])
        if case.parent_id is None and case.state in TO_THE_END:
            action, role = TO_THE_END[case.state]
            who = {"system": SYSTEM, "staff": Actor("k", "staff", "x", case.agency_id)}
            self._take(which, action, who.get(role, Actor("k", role, "x")))

    @rule(one=cases, other=cases, who=st.sampled_from(sorted(KEYS)))
    def merge(self, one: int, other: int, who: str) -> None:
        agency = next((id for id, name in AGENCIES.items() if name == who), None)
        order = orders.Merge(into=self.ids[other])
        self._take(one, "merge", Actor("any", KEYS[who], "desk", agency), who, order)

    @rule()
    def claim(self) -> None:
        items = self.walkers.town.post("/v1/queue:claim", HOME, {"max": 100}).json()["items"]
        held = {str(case.id): case for case in self._cases()}
        assert {item["id"] for item in items} <= held.keys()
        assert not [c for c in held.values() if (c.state, c.agency_id) == ("routed", "bukgu")]

    @rule(which=cases, version=st.integers(1, 40))
    def without_or_with_an_old_version(self, which: int, version: int) -> None:
        case = self.walkers.case(self.ids[which])
        path, town = f"/v1/cases/{case.id}/note", self.walkers.town
        assert town.post(path, "supervisor", {"text": "메모"}).status_code == 428
        if version != case.version:
            stale = town.act(str(case.id), "note", "supervisor", version, text="메모")
            assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")

    @rule(minutes=st.integers(1, 20_000))
    def time_passes(self, minutes: int) -> None:
        self.walkers.now += timedelta(minutes=minutes)

    @rule(which=cases)
    def one_agency_sees_it(self, which: int) -> None:
        case = self.walkers.case(self.ids[which])
        for agency, name in AGENCIES.items():
            shown = self.walkers.town.get(f"/v1/cases/{case.id}", name).status_code
            mine = case.agency_id == agency and case.state != "review"
            assert shown == (200 if mine else 404)

    @invariant()
    def every_write_has_its_event_and_its_notices(self) -> None:
        if not hasattr(self, "ids"):
            return
        counts = self._counts()
        for (events, work, version), was in zip(counts, self.counts, strict=True):
            steps = version - was[2]
            assert (events - was[0], work - was[1]) == (steps, steps)
        self.counts = counts
        found = self._cases()
        by_id = {case.id: case for case in found}
        for case in found:
            assert_sound(case)
            if case.parent_id is not None:
                parent = by_id[case.parent_id]
                assert parent.parent_id is None
                mine = (case.state, case.agency_id, case.department, case.assignee)
                assert mine == (parent.state, parent.agency_id, parent.department, parent.assignee)

    def teardown(self) -> None:
        if not hasattr(self, "ids"):
            return
        for _ in range(40):
            left = [n for n, case in enumerate(self._cases()) if case.state not in ENDED]
            if not left:
                break
            for which in left:
                self.go_on(which)
        self.every_write_has_its_event_and_its_notices()
        assert {case.state for case in self._cases()} <= ENDED

    def _take(
        self,
        which: int,
        action: str,
        actor: Actor,
        key: str | None = None,
        order: orders.Order | None = None,
    ) -> None:
        walkers, id = self.walkers, self.ids[which]
        before = walkers.case(id)
        order = order or walkers.wanted(action, before)
        if key:
            status, code = walkers.by_key(key, id, action, order)
        else:
            status, code = walkers.by_hand(actor, id, action, order)
        after, allowed = walkers.case(id), may_answer(walkers, actor, action, before)
        assert status in allowed, (actor, action, before.state, status, code, allowed)
        if status != 200:
            assert after == before
            assert status != 409 or (status, code) == ILLEGAL
        else:
            assert_written(before, after, action)

    def _cases(self) -> list[Case]:
        return [self.walkers.case(id) for id in self.ids]

    def _counts(self) -> list[tuple[int, int, int]]:
        rows = self.walkers.conn.execute(MADE, ([UUID(id) for id in self.ids],)).fetchall()
        self.walkers.conn.rollback()
        return rows


def test_no_walk_leaves_the_table_or_gets_stuck(walkers: Walkers) -> None:
    machine = type("Walk", (Machine,), {"walkers": walkers})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            phases=[Phase.generate],  # shrinking would take minutes; a walk of 30 steps is read
            derandomize=True,
            deadline=None,
            database=None,
        ),
    )
