"""Whatever is done to cases, they stay in the table, in one hand, and can come to an end."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.cases.actions import ACTIONS
from services.cases.states import ENDED
from services.city import load as load_city
from services.errors import TriageError
from tests.conftest import PACK
from tests.property.world import TO_THE_END, Cases, assert_family

ROLES = ("staff", "triage", "supervisor", "admin", "system", "citizen", "channel")
CITY = load_city(PACK)
IDS = [UUID(int=n) for n in (1, 2, 3)]
ids = st.sampled_from(IDS)
kinds = st.lists(st.sampled_from(["other", "grievance", "query"]), min_size=3, max_size=3)


class Machine(RuleBasedStateMachine):
    @initialize(kinds=kinds)
    def begin(self, kinds: list[str]) -> None:
        self.world = Cases(CITY, kinds)
        self.refused: list[str] = []

    @rule(id=ids, action=st.sampled_from(sorted(ACTIONS)), role=st.sampled_from(ROLES), into=ids)
    def act(self, id: UUID, action: str, role: str, into: UUID) -> None:
        before = dict(self.world.cases)
        try:
            self.world.act(id, action, role, into)
        except TriageError:
            assert self.world.cases == before

    @rule(id=ids)
    def go_on(self, id: UUID) -> None:
        """The regular next step, so that walks come far."""
        case = self.world.cases[id]
        if case.parent_id is None and case.state in TO_THE_END:
            self.world.act(id, *TO_THE_END[case.state], None)

    @rule(minutes=st.integers(-1, 20_000))
    def time_passes(self, minutes: int) -> None:
        self.world.now += timedelta(minutes=minutes)

    @invariant()
    def families_stand_together(self) -> None:
        if hasattr(self, "world"):
            assert_family(list(self.world.cases.values()))

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        for id in IDS:
            for _ in range(12):
                case = self.world.cases[id]
                if case.state in ENDED:
                    break
                root = case.parent_id or id
                self.world.act(root, *TO_THE_END[self.world.cases[root].state], None)
            assert self.world.cases[id].state in ENDED
        assert_family(list(self.world.cases.values()))


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=60, stateful_step_count=40, derandomize=True, deadline=None, database=None
)
