"""What a page offers is what a step would take: nothing more, and nothing less."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.access.actor import Actor, person
from services.cases.actions import perform
from services.cases.case import Case
from services.cases.possible import possible
from services.cases.states import MOVES, NAMES
from services.city import load as load_city
from services.errors import TriageError
from tests.conftest import PACK
from tests.property.world import order_in
from tests.unit.cases.sample import MONDAY, a_case, situation

CITY = load_city(PACK)
ME, OTHER = UUID(int=7), UUID(int=8)
NOT_OF_THE_STEP = frozenset({"claim", "merge", "decide", "arbitrate", "transfer-out"})
"""Left out for reasons that lie beside the step: the key's agency, cases merged into this one."""

actors = st.builds(
    Actor,
    key_id=st.just(str(ME)),
    role=st.sampled_from(["staff", "triage", "supervisor", "admin"]),
    client=st.just("console"),
    agency_id=st.sampled_from(["bukgu", None]),
    staff_id=st.just(ME),
    may_approve=st.booleans(),
    is_manager=st.booleans(),
)
cases = st.builds(
    lambda state, submitted_by, merged, **more: a_case(
        state=state,
        submitted_by=person(submitted_by),
        parent_id=UUID(int=9) if merged else None,
        paused_since=MONDAY if state == "supplement" else None,
        survey_until=MONDAY + timedelta(days=1) if state == "field_survey" else None,
        reply="고쳤습니다",
        outcome="accepted",
        **more,
    ),
    state=st.sampled_from(sorted(set(NAMES) - {"draft", "received"})),
    submitted_by=st.sampled_from([ME, OTHER]),
    merged=st.booleans(),
    bound=st.booleans(),
    bounces=st.integers(0, 2),
    survey_extended=st.booleans(),
    extensions=st.integers(0, 2),
    assignee=st.sampled_from([None, person(ME)]),
    petition_kind=st.sampled_from(["other", "grievance", "query"]),
)


@settings(max_examples=200)
@given(case=cases, actor=actors)
def test_what_is_offered_can_be_done_and_what_is_not_is_refused(case: Case, actor: Actor) -> None:
    offered = possible(case, actor, CITY)
    at = replace(
        situation(CITY, now=MONDAY), actor=actor, into=a_case(id=UUID(int=10), state="routed")
    )
    for action in MOVES:
        try:
            perform(case, action, order_in(action, MONDAY, case.due_at), at)
        except TriageError:
            assert action not in offered, action
        else:
            assert action in offered or action in NOT_OF_THE_STEP, action
