"""Where a complaint stands, in a citizen's words: honest about waiting, lateness and refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.cases.account import due_reason
from services.cases.case import Case, Event
from services.city import CityPack
from services.feedback.store import Rating

ANSWERED: Final = frozenset({"resolved", "closed"})
OVER: Final = frozenset({"resolved", "closed", "transferred_out"})
UNPLACED: Final = frozenset({"received", "review"})
_OF_INTAKE = ("receive", "review", "route", "decide", "arbitrate", "reroute", "transfer-out")
_OF_WORK = ("assign", "start", "supplement", "answer-supplement", "field-survey", "cooperate")
_OF_THE_CLOCK = ("resume", "extend", "reopen", "merge")
_OF_THE_END = ("submit", "approve", "resolve", "close", "withdraw", "ask-review", "refile")
STEPS: Final = frozenset((*_OF_INTAKE, *_OF_WORK, *_OF_THE_CLOCK, *_OF_THE_END))
"""The actions that a citizen is told of; notes and corrections are the agency's own."""
KINDS: Final = {
    "received": "primary",
    "supplement": "warning",
    "resolved": "success",
    "closed": "",
    "transferred_out": "",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page of a case shows. `asked` is what the agency wants to know, `refiled` the
    receipt numbers of cases that followed this one.
    """

    case: Case
    sentence: str
    """Name of the sentences that explain the state: `citizen.state.<sentence>`."""
    colour: str
    service: str | None
    agency: str | None
    department: str | None
    late: bool
    due_reason: str
    law: str
    steps: tuple[tuple[datetime, str], ...]
    asked: str | None
    refiled: tuple[str, ...]
    review_asked: bool
    rating: Rating | None

    @property
    def answered(self) -> bool:
        return self.case.state in ANSWERED and self.case.reply is not None

    @property
    def over(self) -> bool:
        return self.case.state in OVER


def standing(
    case: Case, events: Sequence[Event], rating: Rating | None, pack: CityPack, now: datetime
) -> Standing:
    placed = case.state not in UNPLACED
    agency = pack.agencies.get(case.agency_id or "") if placed else None
    service = pack.services.get(case.service or "")
    kind = pack.petitions.named(case.petition_kind)
    over = case.state in OVER
    return Standing(
        case=case,
        sentence=_sentence(case),
        colour=KINDS.get(case.state, "primary"),
        service=service.name if service else None,
        agency=agency.name if agency else None,
        department=case.department if placed else None,
        late=not over and case.paused_since is None and bool(case.due_at and case.due_at < now),
        due_reason=str(due_reason(case, pack)["text"]),
        law=f"{kind.name}, {kind.law}",
        steps=tuple((event.at, event.action) for event in events if event.action in STEPS),
        asked=_asked(case, events),
        refiled=tuple(_numbers(events)),
        review_asked=any(event.action == "ask-review" for event in events),
        rating=rating,
    )


def _sentence(case: Case) -> str:
    """A case that ended without an answer says why."""
    if case.state == "closed" and case.close_reason:
        return f"closed_{case.close_reason}"
    return case.state


def _asked(case: Case, events: Sequence[Event]) -> str | None:
    if case.state != "supplement":
        return None
    asked = [event.data.get("text") for event in events if event.action == "supplement"]
    return str(asked[-1]) if asked and asked[-1] else None


def _numbers(events: Sequence[Event]) -> list[str]:
    return [
        str(event.data["receipt_number"])
        for event in events
        if event.action == "refile" and "receipt_number" in event.data
    ]
