"""The state table: these moves and no others."""

from __future__ import annotations

import pytest

from services.cases.actions import ACTIONS
from services.cases.states import (
    JOIN,
    MOVES,
    NAMES,
    STAY,
    IllegalTransition,
    UnknownAction,
    may,
    move,
    stops_clock,
)

OTHERS = "received review routed assigned in_progress supplement field_survey cooperation approval"
FROM: dict[str, str] = {
    "received": "draft",
    "review": "received resolved closed",
    "routed": "received review reroute_requested arbitration assigned resolved closed",
    "assigned": "routed",
    "in_progress": "assigned supplement field_survey cooperation approval resolved closed",
    "supplement": "in_progress",
    "field_survey": "in_progress field_survey",
    "cooperation": "in_progress cooperation",
    "approval": "in_progress",
    "resolved": "approval in_progress",
    "closed": f"resolved reroute_requested arbitration {OTHERS}",
    "reroute_requested": "routed assigned",
    "arbitration": "routed assigned",
    "transferred_out": "routed review",
}
"""Each state and those it is reached from. A released case is routed again; a second bounce goes
from the desk that sends it straight to arbitration; a reopened case is in progress, or waits for an
owner if it never had one; a survey may last longer, and another unit may be asked meanwhile."""

SYSTEM = {"route", "review", "finish", "take-in", "answer-cooperation", "add", "answer-supplement"}
PEOPLE: dict[str, set[str]] = {
    "decide": {"triage", "supervisor"},
    "arbitrate": {"supervisor"},
    "transfer-out": {"triage"},
    "claim": {"staff"},
    "assign": {"staff", "supervisor"},
    "release": {"staff", "supervisor"},
    "start": {"staff"},
    "note": {"staff", "triage", "supervisor"},
    "correct": {"staff", "triage"},
    "reassign": {"staff", "supervisor"},
    "reroute": {"staff", "supervisor"},
    "supplement": {"staff"},
    "field-survey": {"staff"},
    "cooperate": {"staff"},
    "resume": {"staff"},
    "extend": {"staff"},
    "submit": {"staff"},
    "return": {"staff"},
    "approve": {"staff"},
    "resolve": {"staff"},
    "close": {"staff", "triage"},
    "withdraw": {"staff", "triage"},
    "merge": {"staff", "triage", "supervisor"},
    "unmerge": {"staff", "triage", "supervisor"},
    "reopen": {"staff", "supervisor"},
}


def test_the_moves_are_those_of_the_table() -> None:
    moves = {
        (source, target)
        for found in MOVES.values()
        for source in found.sources
        for target in found.to
        if target not in (STAY, JOIN)
    }
    table = {(source, target) for target, sources in FROM.items() for source in sources.split()}
    assert moves == table


def test_every_state_has_a_name_and_every_name_a_state() -> None:
    assert NAMES.keys() == FROM.keys() | {"draft"}


def test_nothing_leaves_a_case_that_went_to_another_agency() -> None:
    assert not [name for name, found in MOVES.items() if "transferred_out" in found.sources]


def test_the_machine_never_closes_a_case_that_nobody_resolved() -> None:
    ending = {name for name, found in MOVES.items() if "closed" in found.to}
    by_system = {name for name in ending if "system" in MOVES[name].roles}
    assert by_system == {"finish", "withdraw"}  # who withdraws is a citizen
    assert MOVES["finish"].sources == {"resolved"}


@pytest.mark.parametrize("action", sorted(PEOPLE))
@pytest.mark.parametrize("role", ["channel", "staff", "triage", "supervisor"])
def test_who_may_take_an_action(action: str, role: str) -> None:
    assert may(action, role) == (role in PEOPLE[action])


@pytest.mark.parametrize("action", sorted(SYSTEM))
def test_what_the_system_does_no_person_does(action: str) -> None:
    assert not any(may(action, role) for role in ("staff", "triage", "supervisor", "admin"))


def test_every_action_that_people_take_is_carried_out() -> None:
    assert ACTIONS.keys() == PEOPLE.keys() | SYSTEM - {"route", "review"}


def test_a_move_from_elsewhere_is_illegal_and_an_unknown_one_unknown() -> None:
    with pytest.raises(IllegalTransition):
        move("start", "routed")
    with pytest.raises(UnknownAction):
        move("delete", "routed")


def test_the_clock_stands_still_for_a_supplement_and_a_grievances_survey_only() -> None:
    still = {
        (state, kind)
        for state in NAMES
        for kind in ("other", "grievance", "query")
        if stops_clock(state, kind)
    }
    assert still == {
        ("supplement", "other"),
        ("supplement", "grievance"),
        ("supplement", "query"),
        ("field_survey", "grievance"),
    }
