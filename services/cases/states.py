"""The states of a case and the only moves between them: the one place where they are written.

Each move names the states it starts from, the state it leads to and who may make it. `system` is
Minwon itself (triage, delivery of notices, sweepers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.errors import TriageError


class IllegalTransition(TriageError):
    """The case is in a state from which this action is not possible."""

    code = "illegal_transition"
    status = 409


class UnknownAction(TriageError):
    """There is no such action on a case."""

    code = "unknown_action"
    status = 404


NAMES: Final[dict[str, str]] = {
    "draft": "임시접수",
    "received": "접수",
    "review": "분류검토",
    "routed": "배부",
    "assigned": "담당지정",
    "in_progress": "처리중",
    "supplement": "보완요구",
    "field_survey": "현장조사",
    "cooperation": "협조요청",
    "approval": "결재중",
    "resolved": "처리완료",
    "closed": "종결",
    "reroute_requested": "반송",
    "arbitration": "소관조정",
    "transferred_out": "타기관이송",
}

ENDED: Final = frozenset({"closed", "transferred_out"})
GRIEVANCE: Final = "grievance"
"""The petition kind (고충민원) for which a field survey stops the clock."""

STAY: Final = ""
"""The target of a move that leaves the state as it is."""

JOIN: Final = "its parent's"
"""The target of a merge: the state of the case that it goes into."""


@dataclass(frozen=True, slots=True)
class Move:
    """`to` may hold several states when the case itself decides between them."""

    sources: frozenset[str]
    to: tuple[str, ...]
    roles: frozenset[str]


def _move(sources: str, to: str, roles: str) -> Move:
    return Move(frozenset(sources.split()), tuple(to.split()) or (STAY,), frozenset(roles.split()))


_TAKEN = "assigned in_progress supplement field_survey cooperation approval"
_OPEN = "routed " + _TAKEN

_HELD = _OPEN + " review reroute_requested arbitration"

MOVES: Final[dict[str, Move]] = {
    "receive": _move("draft", "received", "channel system"),
    "route": _move("received", "routed", "system"),
    "review": _move("received", "review", "system"),
    "decide": _move("review reroute_requested", "routed", "triage supervisor"),
    "arbitrate": _move("arbitration", "routed", "supervisor"),
    "transfer-out": _move("routed review", "transferred_out", "triage"),
    "claim": _move("routed", "assigned", "staff"),
    "assign": _move("routed", "assigned", "staff supervisor"),
    "reassign": _move(_TAKEN, "", "staff supervisor"),
    "release": _move("assigned", "routed", "staff supervisor"),
    "start": _move("assigned", "in_progress", "staff"),
    "note": _move(_HELD, "", "staff triage supervisor"),
    "correct": _move(_OPEN + " review reroute_requested", "", "staff triage"),
    "reroute": _move("routed assigned", "reroute_requested arbitration", "staff supervisor"),
    "supplement": _move("in_progress", "supplement", "staff"),
    "answer-supplement": _move("supplement", "in_progress", "citizen system"),
    "field-survey": _move("in_progress field_survey", "field_survey", "staff"),
    "cooperate": _move("in_progress cooperation", "cooperation", "staff"),
    "answer-cooperation": _move("cooperation", "in_progress cooperation", "system"),
    "add": _move(_HELD, "", "citizen system"),
    "resume": _move("supplement field_survey cooperation", "in_progress", "staff system"),
    "extend": _move(_OPEN, "", "staff"),
    "submit": _move("in_progress", "approval", "staff"),
    "return": _move("approval", "in_progress", "staff"),
    "approve": _move("approval", "resolved", "staff"),
    "resolve": _move("approval in_progress", "resolved", "staff"),
    "finish": _move("resolved", "closed", "system"),
    "close": _move(_HELD, "closed", "staff triage"),
    "withdraw": _move(_HELD + " received", "closed", "staff triage citizen system"),
    "merge": Move(frozenset(_HELD.split()), (JOIN,), frozenset({"staff", "triage", "supervisor"})),
    "unmerge": _move(_HELD, "", "staff triage supervisor system"),
    "take-in": _move(_HELD, "", "system"),
    "reopen": _move("resolved closed", "in_progress routed review", "staff supervisor"),
}


def stops_clock(state: str, petition_kind: str) -> bool:
    """True where the statutory clock stands still: Decree article 20, and 17 for a 고충민원."""
    return state == "supplement" or (state == "field_survey" and petition_kind == GRIEVANCE)


def move(action: str, state: str) -> Move:
    """The move `action` for a case in `state`.

    Raises `UnknownAction` or `IllegalTransition`; who may make it is the question of `may`.
    """
    found = MOVES.get(action)
    if found is None:
        raise UnknownAction
    if state not in found.sources:
        raise IllegalTransition
    return found


def may(action: str, role: str) -> bool:
    """True if `role` may ever take `action`; an `admin` may take any that people take."""
    roles = MOVES[action].roles
    return role in roles or (role == "admin" and bool(roles - {"system", "citizen"}))
