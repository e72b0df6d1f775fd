"""A notice: what happened, who is told, by which way, and when it is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

Channel = Literal["email", "sms", "phone", "page", "webhook"]
State = Literal["waiting", "delivered", "task", "unsent", "dead"]

RESULT: Final = "result"
PING: Final = "ping"
MAX_ATTEMPTS: Final = 10
LEASE_SECONDS: Final = 60.0
FIRST_DELAY_SECONDS: Final = 10.0
LONGEST_DELAY_SECONDS: Final = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Happening:
    """An event with what planning needs of its case. `agencies` are (id, still holds the case)."""

    id: int
    case_id: UUID
    actor: str
    action: str
    to_state: str
    data: Mapping[str, Any]
    reply_by: str | None
    assignee: str | None
    agency_id: str | None
    department: str | None
    agencies: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A notice to be written down. `recipient` is an endpoint or a member of staff by id."""

    event_id: int | None
    case_id: UUID | None
    agency_id: str | None
    audience: Literal["citizen", "staff", "agency"]
    channel: Channel
    recipient: str
    template: str
    state: State


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed notice with all that sending it takes; contact data is still sealed."""

    id: UUID
    audience: str
    channel: Channel
    recipient: str
    template: str
    attempts: int
    fence: int
    created_at: datetime
    case_id: UUID | None
    agency_id: str | None
    """For a webhook the endpoint's agency, else the one that holds the case."""
    event_id: int | None
    actor: str | None
    action: str | None
    to_state: str | None
    data: dict[str, Any] | None
    happened_at: datetime | None
    receipt_number: str | None
    title: str | None
    department: str | None
    due_at: datetime | None
    reply: str | None
    outcome: str | None
    outcome_reason: str | None
    remedy: str | None
    officer: str | None
    sealed: bytes | None
    url: str | None
    endpoint_state: str | None
    sealed_secret: bytes | None
    sealed_old_secret: bytes | None
    """Only while its grace period lasts."""


@dataclass(frozen=True, slots=True)
class Sent:
    """How an attempt ended. `waiting` asks for another; `error` is a code, never anyone's data."""

    state: State
    error: str | None = None
    status: int | None = None


def retry_delay(attempts: int, chance: float) -> float:
    """Seconds until the next attempt after so many: threefold each time, by a fifth more or less.

    `chance` lies in 0..1; ten attempts take about sixteen hours.
    """
    delay = min(FIRST_DELAY_SECONDS * 3.0 ** (attempts - 1), LONGEST_DELAY_SECONDS)
    return delay * (0.8 + 0.4 * chance)
