"""What each action does to a case, who may take it and where it is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.cases import orders
from services.cases.actions import ACTIONS, perform
from services.cases.case import Correction
from services.cases.states import JOIN, MOVES, NAMES, STAY, IllegalTransition, UnknownAction
from services.city import CityPack
from services.errors import Forbidden, InvalidField
from tests.unit.cases.sample import MONDAY, a_case, order_for, situation

ROLE = {
    **{"decide": "triage", "arbitrate": "supervisor", "transfer-out": "triage"},
    **dict.fromkeys(("finish", "take-in", "answer-cooperation"), "system"),
    **dict.fromkeys(("add", "answer-supplement"), "citizen"),
}
PARENT = replace(a_case(), id=UUID(int=7), receipt_number="20260803-0000002", state="cooperation")


@pytest.mark.parametrize("action", sorted(ACTIONS))
@pytest.mark.parametrize("state", sorted(NAMES))
def test_an_action_is_taken_from_its_states_only(action: str, state: str, pack: CityPack) -> None:
    case = a_case(state=state, reply="답", outcome="accepted")
    at = replace(situation(pack, ROLE.get(action, "staff")), into=PARENT)
    if action == "unmerge":
        case = replace(case, parent_id=PARENT.id)
    if state not in MOVES[action].sources:
        with pytest.raises(IllegalTransition):
            perform(case, action, order_for(action), at)
    elif not (action == "resolve" and state == "in_progress"):
        after = perform(case, action, order_for(action), at).case
        named = {STAY: state, JOIN: PARENT.state}
        assert after.state in [named.get(to, to) for to in MOVES[action].to]
        assert after.updated_at == MONDAY


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_a_channel_takes_no_action(action: str, pack: CityPack) -> None:
    case = a_case(state=min(MOVES[action].sources))
    with pytest.raises(Forbidden):
        perform(case, action, order_for(action), situation(pack, "channel"))


def test_what_is_no_action_is_unknown(pack: CityPack) -> None:
    for action in ("route", "delete", ""):
        with pytest.raises(UnknownAction):
            perform(a_case(), action, orders.Nothing(), situation(pack, "admin"))


def test_a_claim_names_the_key_that_made_it_and_a_release_nobody(pack: CityPack) -> None:
    claimed = perform(a_case(), "claim", orders.Nothing(), situation(pack)).case
    assert claimed.assignee == "staff:k1"
    assert perform(claimed, "release", orders.Nothing(), situation(pack)).case.assignee is None


def test_the_first_start_is_the_first_response(pack: CityPack) -> None:
    later = situation(pack, now=MONDAY + timedelta(hours=1))
    first = perform(a_case(state="assigned"), "start", orders.Nothing(), later).case
    assert first.first_response_at == later.now
    again = a_case(state="assigned", first_response_at=MONDAY)
    assert perform(again, "start", orders.Nothing(), later).case.first_response_at == MONDAY


def test_a_correction_teaches_what_changed_and_nothing_else(pack: CityPack) -> None:
    order = orders.Correct(service="park-green", kind="report", urgency="high")
    step = perform(a_case(), "correct", order, situation(pack))
    assert step.corrections == (
        Correction("service", "streetlight", "park-green"),
        Correction("urgency", "normal", "high"),
    )
    assert (step.case.service, step.case.urgency) == ("park-green", 1)
    assert step.case.state == "routed"


def test_correcting_to_what_it_was_teaches_nothing(pack: CityPack) -> None:
    order = orders.Correct(service="streetlight")
    assert perform(a_case(), "correct", order, situation(pack)).corrections == ()


def test_another_kind_brings_another_deadline_on_the_web(pack: CityPack) -> None:
    order = orders.Correct(kind="grievance")
    case = a_case()
    after = perform(case, "correct", order, situation(pack)).case
    assert after.petition_kind == "grievance"
    assert after.due_at is not None
    assert after.due_at > MONDAY + timedelta(days=7)


def test_what_is_said_by_telephone_stays_another_petition(pack: CityPack) -> None:
    order = orders.Correct(kind="grievance")
    after = perform(a_case(channel="voice"), "correct", order, situation(pack)).case
    assert after.petition_kind == "other"


@pytest.mark.parametrize(
    ("action", "order", "pointer"),
    [
        ("correct", orders.Correct(service="no-such"), "/service"),
        ("correct", orders.Correct(kind="no-such"), "/kind"),
        (
            "reroute",
            orders.Reroute(reason="소관", suggested_agency="없는구청"),
            "/suggested_agency",
        ),
        ("decide", orders.Decide(service="no-such", agency="북구청"), "/service"),
        ("decide", orders.Decide(service="streetlight", agency="없는구청"), "/agency"),
        ("decide", orders.Decide(service="streetlight", agency="119"), "/agency"),
        (
            "decide",
            orders.Decide(service="streetlight", agency="북구청", department="없는과"),
            "/department",
        ),
    ],
)
def test_an_order_fits_the_city(
    action: str, order: orders.Order, pointer: str, pack: CityPack
) -> None:
    state = "review" if action == "decide" else "routed"
    with pytest.raises(InvalidField) as caught:
        perform(a_case(state=state), action, order, situation(pack, ROLE.get(action, "staff")))
    assert caught.value.pointer == pointer


def test_the_first_bounce_goes_to_the_desk_and_the_second_to_arbitration(pack: CityPack) -> None:
    order = orders.Reroute(reason="소관 아님", suggested_agency="종합건설본부")
    first = perform(a_case(assignee="staff:k1"), "reroute", order, situation(pack))
    assert (first.case.state, first.case.bounces) == ("reroute_requested", 1)
    assert first.case.assignee is None
    assert first.data["suggested_agency"] == "종합건설본부"
    back = perform(first.case, "decide", order_for("decide"), situation(pack, "triage")).case
    assert back.state == "routed"
    second = perform(back, "reroute", order, situation(pack)).case
    assert (second.state, second.bounces) == ("arbitration", 2)


def test_only_a_supervisor_ends_arbitration(pack: CityPack) -> None:
    case = a_case(state="arbitration", bounces=2)
    order = order_for("arbitrate")
    with pytest.raises(Forbidden):
        perform(case, "arbitrate", order, situation(pack, "triage"))
    with pytest.raises(IllegalTransition):
        perform(case, "decide", order, situation(pack, "triage"))
    assert perform(case, "arbitrate", order, situation(pack, "supervisor")).case.state == "routed"


def test_a_decision_finds_the_unit_and_teaches_what_the_machine_missed(pack: CityPack) -> None:
    case = a_case(state="review", agency_id=None, department=None, service="noise")
    step = perform(case, "decide", order_for("decide"), situation(pack, "triage"))
    assert (step.case.agency_id, step.case.department) == ("bukgu", "시설지원과")
    assert step.corrections == (
        Correction("service", "noise", "streetlight"),
        Correction("agency", None, "bukgu"),
    )


def test_an_agencys_own_supervisor_does_not_give_cases_to_others(pack: CityPack) -> None:
    case = a_case(state="reroute_requested")
    order = orders.Decide(service="streetlight", agency="서구청")
    with pytest.raises(Forbidden):
        perform(case, "decide", order, situation(pack, "supervisor", agency="bukgu"))
    kept = perform(
        case, "decide", order_for("decide"), situation(pack, "supervisor", agency="bukgu")
    )
    assert kept.case.agency_id == "bukgu"


def test_a_case_leaves_the_city_for_an_agency_that_is_named(pack: CityPack) -> None:
    case = a_case(state="review", agency_id=None, assignee="x")
    with pytest.raises(InvalidField):
        perform(case, "transfer-out", orders.TransferOut(reason="이송"), situation(pack, "triage"))
    moved = perform(case, "transfer-out", order_for("transfer-out"), situation(pack, "triage")).case
    assert (moved.state, moved.department, moved.assignee) == ("transferred_out", None, None)


def test_a_supplement_stops_the_clock_until_it_ends(pack: CityPack) -> None:
    case = a_case(state="in_progress")
    asked = perform(case, "supplement", order_for("supplement"), situation(pack)).case
    assert asked.paused_since == MONDAY
    back = situation(pack, now=MONDAY + timedelta(days=1))
    resumed = perform(asked, "resume", orders.Nothing(), back).case
    assert resumed.paused_since is None
    assert resumed.closed_pauses == [(MONDAY, back.now)]
    assert resumed.due_at == back.due_at("other", MONDAY, resumed.closed_pauses)
    assert resumed.due_at == back.due_at("other", MONDAY, ()) + timedelta(days=1)


@pytest.mark.parametrize("kind", ["statutory", "a kind that the pack has lost"])
def test_a_kind_without_a_period_is_due_later_by_the_working_time_it_waited(
    kind: str, pack: CityPack
) -> None:
    due = MONDAY + timedelta(hours=4)  # 14:00
    case = a_case(state="in_progress", petition_kind=kind, due_at=due)
    asked = perform(case, "supplement", order_for("supplement"), situation(pack)).case
    back = situation(pack, now=MONDAY + timedelta(days=1, hours=1))
    resumed = perform(asked, "resume", orders.Nothing(), back).case
    assert resumed.due_at == due + timedelta(days=1, hours=1)
    done = replace(resumed, state="closed", resolved_at=back.now, closed_at=back.now)
    later = situation(pack, now=back.now + timedelta(days=1))
    reopened = perform(done, "reopen", order_for("reopen"), later).case
    assert reopened.due_at == due + timedelta(days=2, hours=1)


def test_staff_may_say_which_petition_it_is_in_law(pack: CityPack) -> None:
    case = a_case(state="in_progress", channel="voice")
    order = orders.Correct(petition_kind="grievance")
    step = perform(case, "correct", order, situation(pack))
    assert step.case.due_at == situation(pack).due_at("grievance", case.received_at, ())
    assert step.data["petition_kind"] == {"before": "other", "after": "grievance"}
    assert step.data["due"]["after"] == step.case.due_at.isoformat()
    assert step.corrections == ()
    for unfit in ("statutory", "nothing"):
        with pytest.raises(InvalidField) as refused:
            perform(case, "correct", orders.Correct(petition_kind=unfit), situation(pack))
        assert refused.value.pointer == "/petition_kind"


def test_cooperation_and_an_ordinary_survey_stop_nothing(pack: CityPack) -> None:
    for action in ("cooperate", "field-survey"):
        asked = perform(a_case(state="in_progress"), action, order_for(action), situation(pack))
        assert asked.case.paused_since is None


def test_a_grievances_survey_stops_the_clock_for_fourteen_days_at_most(pack: CityPack) -> None:
    case = a_case(state="in_progress", petition_kind="grievance")
    surveyed = perform(case, "field-survey", orders.Nothing(), situation(pack)).case
    assert surveyed.paused_since == MONDAY
    late = situation(pack, now=MONDAY + timedelta(days=30))
    resumed = perform(surveyed, "resume", orders.Nothing(), late).case
    assert resumed.closed_pauses == [(MONDAY, MONDAY + timedelta(days=14))]


def test_a_clock_that_runs_behind_makes_no_pause_of_negative_length(pack: CityPack) -> None:
    case = a_case(state="supplement", paused_since=MONDAY)
    early = situation(pack, now=MONDAY - timedelta(seconds=3))
    assert perform(case, "resume", orders.Nothing(), early).case.closed_pauses == [(MONDAY, MONDAY)]


def test_a_case_is_resolved_with_the_reply_that_was_submitted(pack: CityPack) -> None:
    submitted = perform(a_case(state="in_progress"), "submit", order_for("submit"), situation(pack))
    assert submitted.case.state == "approval"
    assert submitted.case.resolved_at is None
    for action, order in (("approve", orders.Nothing()), ("resolve", orders.Resolve())):
        done = perform(submitted.case, action, order, situation(pack)).case
        assert (done.state, done.reply, done.outcome) == ("resolved", "고쳤습니다", "accepted")
        assert done.resolved_at == MONDAY


def test_no_case_is_resolved_without_a_reply(pack: CityPack) -> None:
    with pytest.raises(InvalidField):
        perform(a_case(state="approval"), "resolve", orders.Resolve(), situation(pack))


def test_work_in_progress_needs_approval_unless_the_unit_may_skip_it(pack: CityPack) -> None:
    with pytest.raises(IllegalTransition):
        perform(a_case(state="in_progress"), "resolve", order_for("resolve"), situation(pack))


def test_a_reopened_case_is_unresolved_again(pack: CityPack) -> None:
    case = a_case(
        state="resolved", resolved_at=MONDAY, reply="답", outcome="accepted", assignee="a"
    )
    again = perform(case, "reopen", order_for("reopen"), situation(pack)).case
    assert (again.state, again.resolved_at) == ("in_progress", None)


def test_a_withdrawn_case_says_so(pack: CityPack) -> None:
    after = perform(a_case(), "withdraw", order_for("withdraw"), situation(pack)).case
    assert (after.state, after.close_reason) == ("closed", "withdrawn")


def test_what_staff_write_is_masked_too(pack: CityPack) -> None:
    note = orders.Note(text=" 민원인 010-1234-5678\u200b ")
    assert perform(a_case(), "note", note, situation(pack)).data == {"text": "민원인 [전화번호]"}
