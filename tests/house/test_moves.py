"""`docs/cases.md` shows the moves as `services.cases.states` has them."""

from __future__ import annotations

from collections.abc import Iterator

from services.cases.actions import ACTIONS
from services.cases.states import JOIN, MOVES, NAMES, STAY
from services.settings import ROOT

PAGE = ROOT / "docs" / "cases.md"
GROUPS = {
    "held": MOVES["note"].sources,
    "open": MOVES["extend"].sources,
    "taken": MOVES["reassign"].sources,
}
"""Names for sets of states, the largest first."""
BEGUN = {
    "receive": "It has come in.",
    "route": "Triage is sure enough.",
    "review": "Triage leaves it to a person.",
}


def table() -> Iterator[str]:
    """The lines of the page's tables."""
    yield "| State | Korean | Name for many |"
    yield "|---|---|---|"
    for state, korean in NAMES.items():
        groups = ", ".join(name for name, states in GROUPS.items() if state in states)
        yield f"| `{state}` | {korean} | {groups} |"
    yield ""
    yield "| Action | Who | From | To | What it is for |"
    yield "|---|---|---|---|---|"
    for name, move in MOVES.items():
        to = ", ".join({STAY: "as it was", JOIN: "the other's"}.get(one, one) for one in move.to)
        about = ACTIONS[name].about if name in ACTIONS else BEGUN[name]
        who = ", ".join(sorted(move.roles))
        yield f"| `{name}` | {who} | {', '.join(grouped(move.sources))} | {to} | {about} |"


def grouped(states: frozenset[str]) -> list[str]:
    """The states in the order of the first table, those of a group by its name."""
    for name, group in GROUPS.items():
        if group <= states:
            return [name, *(state for state in NAMES if state in states - group)]
    return [state for state in NAMES if state in states]


def test_the_page_has_the_table_of_moves() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert "\n".join(table()) in page, "put this there:\n" + "\n".join(table())
