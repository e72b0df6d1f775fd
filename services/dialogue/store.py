"""Calls and their turns in Postgres."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from services.database import AsyncConnection, named_queries
from services.dialogue.state import CallState

QUERIES = named_queries(Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call, with what is stored of the turn that was asked for."""

    id: UUID
    client: str
    call_id: str
    state: dict[str, Any]
    sealed: list[str]
    turn_seq: int
    turns: int
    carried: list[dict[str, Any]]
    rev: int
    outcome: str | None
    started_at: datetime
    ended_at: datetime | None
    stored_sha256: bytes | None
    stored_answer: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class OpenedCall:
    id: UUID
    body_sha256: bytes
    opening: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewCall:
    id: UUID
    client: str
    call_id: str
    body_sha256: bytes
    caller_hash: str | None
    dnis: str | None
    consent: Mapping[str, bool]
    link_sha256: bytes
    opening: Mapping[str, Any]
    state: CallState


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn after so many (`before`) of its call, with its answer and the state after it.

    A tap on the page has a negative `turn_seq` of its own, leaves `call_seq` as the ARS knows it,
    and has its directives `carried` to the ARS's next turn.
    """

    id: UUID
    before: int
    turn_seq: int
    call_seq: int
    carried: Sequence[Mapping[str, Any]]
    body_sha256: bytes
    event: str
    said: str | None
    confidence: float | None
    sealed: Sequence[str]
    answer: Mapping[str, Any]
    state: CallState
    shown: bool
    now: datetime


async def open_call(conn: AsyncConnection, call: NewCall, now: datetime) -> None:
    """Raises `psycopg.errors.UniqueViolation` if the client used this call_id before."""
    await conn.execute(
        QUERIES["open_call"],
        {
            "id": call.id,
            "client": call.client,
            "call_id": call.call_id,
            "body_sha256": call.body_sha256,
            "caller_hash": call.caller_hash,
            "dnis": call.dnis,
            "consent": _json(call.consent),
            "link_sha256": call.link_sha256,
            "opening": _json(call.opening),
            "state": _json(call.state.as_json()),
            "rev": call.state.screen_rev,
            "now": now,
        },
    )


async def find_opened_call(conn: AsyncConnection, client: str, call_id: str) -> OpenedCall | None:
    async with conn.cursor(row_factory=class_row(OpenedCall)) as cursor:
        await cursor.execute(QUERIES["find_opened_call"], {"client": client, "call_id": call_id})
        return await cursor.fetchone()


async def load_call(conn: AsyncConnection, id: UUID, turn_seq: int = 0) -> CallRow | None:
    async with conn.cursor(row_factory=class_row(CallRow)) as cursor:
        await cursor.execute(QUERIES["load_call"], {"id": id, "turn_seq": turn_seq})
        return await cursor.fetchone()


async def lock_call(conn: AsyncConnection, id: UUID, before: int) -> bool:
    """Hold the call until the transaction ends, if it still has had `before` turns."""
    cursor = await conn.execute(QUERIES["lock_call"], {"id": id, "before": before})
    return await cursor.fetchone() is not None


async def write_turn(conn: AsyncConnection, turn: NewTurn) -> bool:
    """False if another request took the turn or ended the call; then nothing is written."""
    state, ended = turn.state, turn.state.step == "ended"
    cursor = await conn.execute(
        QUERIES["write_turn"],
        {
            "id": turn.id,
            "before": turn.before,
            "turn_seq": turn.turn_seq,
            "call_seq": turn.call_seq,
            "carried": _json(list(turn.carried)),
            "body_sha256": turn.body_sha256,
            "event": turn.event,
            "said": turn.said,
            "confidence": turn.confidence,
            "sealed": list(turn.sealed),
            "answer": _json(turn.answer),
            "state": _json(state.as_json()),
            "rev": state.screen_rev,
            "abuse_level": state.abuse,
            "emergency": state.emergency,
            "connected": list(state.connected),
            "asked_in_vain": list(state.in_vain),
            "outcome": state.outcome if ended else None,
            "ended_at": turn.now if ended else None,
            "shown": turn.shown or ended,
            "now": turn.now,
        },
    )
    return await cursor.fetchone() is not None


async def end_call(
    conn: AsyncConnection, id: UUID, before: int, state: CallState, now: datetime
) -> bool:
    """False if a turn came in between or the call has ended already."""
    cursor = await conn.execute(
        QUERIES["end_call"],
        {
            "id": id,
            "before": before,
            "state": _json(state.as_json()),
            "outcome": state.outcome,
            "now": now,
        },
    )
    return await cursor.fetchone() is not None


async def close_interaction(conn: AsyncConnection, id: UUID, outcome: str, now: datetime) -> None:
    """Write the outcome and the transcript, once."""
    await conn.execute(QUERIES["close_interaction"], {"id": id, "outcome": outcome, "now": now})


async def list_dropped_calls(
    conn: AsyncConnection, before: datetime, limit: int
) -> list[tuple[UUID, str]]:
    """(id, client) of open calls without a turn since `before`, the oldest first."""
    parameters = {"before": before, "limit": limit}
    cursor = await conn.execute(QUERIES["list_dropped_calls"], parameters)
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def show_call(
    conn: AsyncConnection, id: UUID
) -> tuple[dict[str, Any], int, datetime | None] | None:
    """(state, screen revision, end) of a call."""
    cursor = await conn.execute(QUERIES["show_call"], {"id": id})
    row = await cursor.fetchone()
    return (row[0], row[1], row[2]) if row else None


@dataclass(frozen=True, slots=True)
class PageOfCall:
    """Whose call a caller's link belongs to."""

    id: UUID
    client: str
    ended_at: datetime | None


async def find_call_of_page(conn: AsyncConnection, link_sha256: bytes) -> PageOfCall | None:
    async with conn.cursor(row_factory=class_row(PageOfCall)) as cursor:
        await cursor.execute(QUERIES["find_call_of_page"], {"link_sha256": link_sha256})
        return await cursor.fetchone()


async def find_call_to_show(conn: AsyncConnection, client: str, named: str) -> PageOfCall | None:
    """A client's call by its id or by the name that the client gave it."""
    async with conn.cursor(row_factory=class_row(PageOfCall)) as cursor:
        parameters = {"client": client, "id": _id(named), "named": named}
        await cursor.execute(QUERIES["find_call_to_show"], parameters)
        return await cursor.fetchone()


def _id(named: str) -> UUID | None:
    try:
        return UUID(named)
    except ValueError:
        return None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
