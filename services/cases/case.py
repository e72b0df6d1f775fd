"""A case as stored, and what one step changes about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.range import Range

URGENCIES: Final = ("emergency", "high", "normal")
"""Stored as the position in this tuple, so that the most urgent sorts first."""

KINDS: Final = {
    "inquiry": "단순문의",
    "report": "신고",
    "grievance": "불편·불만",
    "suggestion": "건의",
    "praise": "칭찬",
    "handoff": "연결요청",
    "abuse": "장난·욕설·무관",
}


@dataclass(frozen=True, slots=True)
class Case:
    id: UUID
    interaction_id: UUID
    receipt_number: str
    client: str
    channel: str
    state: str
    version: int
    title: str | None
    text: str
    lat: float | None
    lon: float | None
    address: str | None
    dong: str | None
    service: str | None
    kind: str | None
    urgency: int
    district: str | None
    road_class: str | None
    agency_id: str | None
    department: str | None
    confidence: float | None
    candidates: list[list[Any]]
    reasons: list[dict[str, Any]]
    decision: str | None
    model_version: str | None
    petition_kind: str
    assignee: str | None
    bounces: int
    reply: str | None
    outcome: str | None
    outcome_reason: str | None
    remedy: str | None
    officer: str | None
    submitted_by: str | None
    close_reason: str | None
    parent_id: UUID | None
    previous_id: UUID | None
    bound: bool
    paused_since: datetime | None
    pauses: list[Range[datetime]]
    waits_until: datetime | None
    survey_until: datetime | None
    survey_extended: bool
    extensions: int
    extended_at: datetime | None
    extended_to: datetime | None
    handover_due_at: datetime | None
    occurred_at: datetime
    received_at: datetime
    due_at: datetime | None
    triaged_at: datetime | None
    first_response_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    updated_at: datetime

    @property
    def closed_pauses(self) -> list[tuple[datetime, datetime]]:
        """Spans in which the clock stood still, without the one that may be running."""
        return [(span.lower, span.upper) for span in self.pauses if span.lower and span.upper]


@dataclass(frozen=True, slots=True)
class Correction:
    """Staff's word against the model's: a training label."""

    field: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Question:
    """What another unit is asked; `due_at` is that unit's own."""

    agency_id: str
    department: str
    text: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """The case after an action, what its event tells, the labels it taught, whom it asks."""

    case: Case
    data: Mapping[str, Any] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Event:
    id: int
    at: datetime
    actor: str
    action: str
    from_state: str | None
    to_state: str
    data: dict[str, Any]
