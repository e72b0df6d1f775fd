"""The call desk: takes a call's turns one by one, each in one transaction and once.

A turn is read, understood and decided without holding anything; the write names the turn it
follows, so of two requests that race for a turn one writes and the other finds the answer stored.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

import psycopg
import structlog

from services.cases.clock import Calendar, DueAt
from services.city import CityPack
from services.database import AsyncConnection, AsyncDatabase, Scope
from services.dialogue import store
from services.dialogue.answers import answer, current, degraded
from services.dialogue.faults import (
    CallEnded,
    CallExists,
    TurnOutOfDate,
    TurnSeqReused,
    TurnSkipped,
)
from services.dialogue.filing import masked, record
from services.dialogue.hub import Hub
from services.dialogue.lines import taking_calls
from services.dialogue.moves import FileCase, Gap, Move
from services.dialogue.policy import Policy
from services.dialogue.speaking import RECEIPT, RECEIPT_SPOKEN, URL, filled, spoken_number
from services.dialogue.state import CallState, Filed, from_json
from services.dialogue.turns import CallIn, Tap, TurnIn
from services.dialogue.understanding import Heard, Understander
from services.errors import NotFound, TriageError, Unavailable
from services.intake.sealing import Sealer
from services.intake.store import store_intakes

PAGE = Scope("visual")
TRIES = 4
MAX_MS = 60_000
EMERGENCY_MS = 1_000
"""Words of life and limb wait no longer for the database, whatever the ARS allows."""
MARGIN_SECONDS = 0.015
"""Kept back from a deadline for the way back."""
SLOW_SECONDS = 0.05
"""A model that takes longer thinks beside the event loop, so that other calls need not wait."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a desk needs of its process."""

    database: AsyncDatabase
    pack: CityPack
    sealer: Sealer
    due_at: DueAt
    calendar: Calendar
    new_id: Callable[[], UUID]
    now: Callable[[], datetime]


class Questions(Protocol):
    """The knowledge base beside the turns; both may take their time."""

    def warm(self) -> None:
        """Make ready for the first question."""

    def ready(self) -> bool:
        """Whether a question is answered without waiting."""

    def in_vain(self, client: str, question: str) -> None:
        """Write down a client's question that nothing answered."""


class CallDesk:
    def __init__(
        self,
        around: Surroundings,
        understander: Understander,
        hub: Hub,
        questions: Questions,
    ) -> None:
        self.hub = hub
        self._around = around
        self._understander = understander
        self._questions = questions
        self._slow = False
        self._late: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        await self._around.database.open()
        self._let_go(asyncio.create_task(asyncio.to_thread(self._questions.warm)))

    async def close(self) -> None:
        if self._late:
            await asyncio.wait(self._late, timeout=5)
        await self.hub.close()
        await self._around.database.close()

    async def begin(self, client: str, body_sha256: bytes, call: CallIn) -> dict[str, Any]:
        """Open a call, or give the stored answer to the same request again."""
        move = self._policy().greet(recording=call.notices.recording)
        id = self._around.new_id()
        opening = {
            "id": str(id),
            "visual_url": URL,
            "directives": _numbered(_once(move.directives), 0),
        }
        new = store.NewCall(
            id=id,
            client=client,
            call_id=call.call_id,
            body_sha256=body_sha256,
            caller_hash=call.caller_hash,
            dnis=call.dnis,
            consent={"recording": call.notices.recording, "ai": call.notices.ai},
            link_sha256=fingerprint(self.link(id).encode()),
            opening=opening,
            state=move.state,
        )
        try:
            async with self._around.database.transaction(_scope(client)) as conn:
                await store.open_call(conn, new, self._around.now())
        except psycopg.errors.UniqueViolation:
            return await self._opened(client, call.call_id, body_sha256)
        return self._linked(id, opening)

    async def turn(
        self, client: str, id: UUID, body_sha256: bytes, turn: TurnIn, began: float
    ) -> dict[str, Any]:
        """The answer to a turn; past its deadline an honest one that says so.

        `began` is `time.perf_counter()` when the request came in. Raises `NotFound`, `TurnSkipped`,
        `TurnOutOfDate`, `TurnSeqReused`, `CallEnded` or `Unavailable`.
        """
        urgent = self._urgent(turn)
        work = self._take(client, id, body_sha256, turn, began)
        try:
            if turn.deadline_ms is None and urgent is None:
                return await work
            left = min(turn.deadline_ms or EMERGENCY_MS, EMERGENCY_MS if urgent else MAX_MS)
            return await self._in_time(work, turn, began, left)
        except Unavailable:
            if urgent is None:
                raise
            return self.unstored(turn, began)

    def hurries(self, turn: TurnIn) -> bool:
        """True for a turn that is answered without the database rather than late."""
        return turn.deadline_ms is not None or self._urgent(turn) is not None

    def unstored(self, turn: TurnIn, began: float) -> dict[str, Any]:
        """What the rules alone say to a turn; it reads nothing of the call and writes nothing."""
        return degraded(self._around.pack, turn, self._urgent(turn), began)

    def _urgent(self, turn: TurnIn) -> str | None:
        return self._understander.emergency(*_words(turn))

    async def end(self, client: str, id: UUID) -> dict[str, Any]:
        """End a call; what was said and not settled is filed. Ending it again changes nothing."""
        for _ in range(TRIES):
            row = await self._load(client, id, 0)
            if row.ended_at is not None:
                return _ended(row.outcome, from_json(row.state), row.ended_at)
            now = self._around.now()
            move = self._policy().finish(from_json(row.state))
            async with self._around.database.transaction(_scope(client)) as conn:
                if not await store.lock_call(conn, id, row.turns):
                    continue
                state = await self._file(conn, row, move, row.sealed, now)
                await store.end_call(conn, id, row.turns, state, now)
                await store.close_interaction(conn, id, state.outcome, now)
            return _ended(state.outcome, state, now)
        raise Unavailable("Turns of this call came in between. Please try again.")

    async def end_dropped(self, limit: int) -> int:
        """End calls whose line dropped without a word; returns how many. For the sweeper.

        One that cannot be ended is logged and does not hold up the others.
        """
        around = self._around
        before = around.now() - around.pack.dialogue.patience
        async with around.database.connection() as conn:
            dropped = await store.list_dropped_calls(conn, before, limit)
        ended = 0
        for id, client in dropped:
            try:
                await self.end(client, id)
                ended += 1
            except Exception as error:
                _log.exception("call_not_ended", call=str(id), error=type(error).__name__)
        return ended

    async def shown(self, client: str, id: UUID) -> tuple[CallState, datetime | None]:
        """The call as it stands, for whoever keeps a screen in step."""
        async with self._around.database.transaction(_scope(client)) as conn:
            row = await store.show_call(conn, id)
        if row is None:
            raise NotFound
        return from_json(row[0]), row[2]

    async def page(self, token: str) -> store.PageOfCall | None:
        """The call that a caller's link belongs to."""
        async with self._around.database.transaction(PAGE) as conn:
            return await store.find_call_of_page(conn, fingerprint(token.encode()))

    async def call_to_show(self, client: str, named: str) -> store.PageOfCall:
        """A client's call by its id or the client's own name for it; raises `NotFound`."""
        async with self._around.database.transaction(_scope(client)) as conn:
            found = await store.find_call_to_show(conn, client, named)
        if found is None:
            raise NotFound
        return found

    def link(self, id: UUID) -> str:
        """The token of a call's page, the same each time; only its hash is stored."""
        return self._around.sealer.link_token(id)

    def _linked(self, id: UUID, told: dict[str, Any]) -> dict[str, Any]:
        """What an ARS is told, with the page's address: what is stored has only a sign for it."""
        known = {"visual_url": visual_url(self.link(id))} if "visual_url" in told else {}
        return {**told, **known, "directives": self._with_link(id, told["directives"])}

    def _with_link(self, id: UUID, directives: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        values = {URL: visual_url(self.link(id))}
        return [one if one["type"] != "sms" else filled([one], values)[0] for one in directives]

    async def tap(self, client: str, id: UUID, tap: Tap) -> None:
        """A tap on the call's page. One on an old screen, or after the call, does nothing.

        What follows from it reaches the ARS as an event and with the answer to its next turn.
        """
        for _ in range(TRIES):
            row = await self._load(client, id, 0)
            if row.ended_at is not None or tap.screen_rev != from_json(row.state).screen_rev:
                return
            turn = TurnIn(turn_seq=row.turn_seq + 1, event="visual_tap", tap=tap)
            began, digest = time.perf_counter(), fingerprint(tap.model_dump_json().encode())
            if await self._write(client, row, digest, turn, began, on_page=True) is not None:
                return
        raise Unavailable("Other turns of this call came in between. Please try again.")

    async def carried(self, client: str, id: UUID) -> list[dict[str, Any]]:
        """Directives that taps on the page led to and no answer has brought to the ARS yet."""
        return self._with_link(id, (await self._load(client, id, 0)).carried)

    async def _opened(self, client: str, call_id: str, body_sha256: bytes) -> dict[str, Any]:
        async with self._around.database.transaction(_scope(client)) as conn:
            found = await store.find_opened_call(conn, client, call_id)
        if found is None or bytes(found.body_sha256) != body_sha256:
            raise CallExists
        return self._linked(found.id, found.opening)

    async def _in_time(
        self, work: Coroutine[Any, Any, dict[str, Any]], turn: TurnIn, began: float, ms: int
    ) -> dict[str, Any]:
        """The work's answer if it comes in time; else it goes on, and its answer is stored."""
        task = asyncio.ensure_future(work)
        left = ms / 1000 - (time.perf_counter() - began) - MARGIN_SECONDS
        done, _ = await asyncio.wait({task}, timeout=max(0.0, left))
        if done:
            return task.result()
        self._let_go(task)
        return self.unstored(turn, began)

    def _let_go(self, task: asyncio.Task[Any]) -> None:
        """Let a task end by itself; the desk waits for it when it closes."""
        self._late.add(task)
        task.add_done_callback(self._settled)

    def _settled(self, task: asyncio.Task[Any]) -> None:
        self._late.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("late_turn_failed", error=type(error).__name__)

    async def _take(
        self, client: str, id: UUID, body_sha256: bytes, turn: TurnIn, began: float
    ) -> dict[str, Any]:
        for _ in range(TRIES):
            row = await self._load(client, id, turn.turn_seq)
            stored = _stored(row, body_sha256, turn.turn_seq)
            if stored is not None:
                return self._linked(id, stored)
            taken = await self._write(client, row, body_sha256, turn, began)
            if taken is not None:
                return taken
        raise Unavailable("Another request holds this turn. Please try again.")

    async def _write(
        self,
        client: str,
        row: store.CallRow,
        body_sha256: bytes,
        turn: TurnIn,
        began: float,
        *,
        on_page: bool = False,
    ) -> dict[str, Any] | None:
        """Decide and store a turn; None if another request was faster."""
        around, now = self._around, self._around.now()
        said, sealed = masked(_words(turn)[0], around.sealer)
        before = from_json(row.state)
        heard = await self._hear(before, turn, said)
        move = self._policy().decide(before, turn, heard)
        pieces = [sealed] if sealed else []
        files = any(isinstance(effect, FileCase) for effect in move.effects)
        async with around.database.transaction(_scope(client)) as conn:
            if files and not await store.lock_call(conn, row.id, row.turns):
                return None
            state = await self._file(conn, row, move, [*row.sealed, *pieces], now)
            seq = -row.turns - 1 if on_page else turn.turn_seq
            directives = [*row.carried, *_directives(move, state, seq)]
            result = answer(turn.turn_seq, before, state, heard, directives, began)
            written = await store.write_turn(
                conn,
                store.NewTurn(
                    id=row.id,
                    before=row.turns,
                    turn_seq=seq,
                    call_seq=row.turn_seq if on_page else seq,
                    carried=directives if on_page else (),
                    body_sha256=body_sha256,
                    event=turn.event,
                    said=said or None,
                    confidence=turn.speech.confidence if turn.speech else None,
                    sealed=pieces,
                    answer=result,
                    state=state,
                    shown=state.screen_rev != before.screen_rev,
                    now=now,
                ),
            )
            if not written:
                return None
            if state.step == "ended":
                await store.close_interaction(conn, row.id, state.outcome, now)
        for effect in move.effects:
            if isinstance(effect, Gap):
                work = asyncio.to_thread(self._questions.in_vain, client, effect.question)
                self._let_go(asyncio.create_task(work))
        return self._linked(row.id, result)

    async def _hear(self, state: CallState, turn: TurnIn, said: str) -> Heard:
        """On the event loop, where it costs least; beside it while turns may take long."""
        began = time.perf_counter()
        if self._slow or not self._questions.ready():
            heard = await asyncio.to_thread(self._understander.turn, state, turn, said)
        else:
            heard = self._understander.turn(state, turn, said)
        self._slow = time.perf_counter() - began > SLOW_SECONDS
        return heard

    async def _load(self, client: str, id: UUID, turn_seq: int) -> store.CallRow:
        async with self._around.database.transaction(_scope(client)) as conn:
            row = await store.load_call(conn, id, turn_seq)
        if row is None:
            raise NotFound
        return row

    async def _file(
        self,
        conn: AsyncConnection,
        row: store.CallRow,
        move: Move,
        sealed: list[str],
        now: datetime,
    ) -> CallState:
        """File the move's matters; the state then knows their receipt numbers."""
        around, state = self._around, move.state
        records = [
            record(
                effect,
                call=row.id,
                call_id=row.call_id,
                client=row.client,
                number=len(state.filed) + place,
                started_at=row.started_at,
                sealed=sealed,
                pack=around.pack,
                due_at=around.due_at,
                sealer=around.sealer,
                now=now,
                new_id=around.new_id(),
            )
            for place, effect in enumerate(e for e in move.effects if isinstance(e, FileCase))
        ]
        if not records:
            return state
        numbers = await store_intakes(conn, records, around.pack.timezone)
        filed = tuple(
            Filed(one.complaint_id, numbers[UUID(one.complaint_id)] or "", one.due_at)
            for one in records
        )
        return replace(state, filed=(*state.filed, *filed))

    def _policy(self) -> Policy:
        around = self._around
        lines = taking_calls(around.pack.dialogue, around.calendar, around.now())
        return Policy(around.pack, lines)


def _directives(move: Move, state: CallState, turn_seq: int) -> list[dict[str, Any]]:
    values = {}
    if state.filed:
        number = state.filed[-1].receipt_number
        values = {RECEIPT_SPOKEN: spoken_number(number), RECEIPT: number}
    return _numbered(filled(_once(move.directives), values), turn_seq)


def visual_url(token: str) -> str:
    return f"/v/{token}"


def fingerprint(body: bytes) -> bytes:
    return sha256(body).digest()


def _scope(client: str) -> Scope:
    return Scope("channel", client=client)


def _words(turn: TurnIn) -> list[str]:
    """What the caller said or typed, and what else the recogniser may have heard; masked later."""
    if turn.speech is not None:
        return [turn.speech.text, *turn.speech.others()]
    form = turn.tap.form if turn.tap else None
    return [(form.text or "") if form else ""]


def _stored(row: store.CallRow, body_sha256: bytes, turn_seq: int) -> dict[str, Any] | None:
    """The stored answer to a repeated turn; None for the next one; raises for any other."""
    state = current(row.turn_seq, from_json(row.state), row.ended_at)
    if turn_seq == row.turn_seq and row.stored_answer is not None:
        if bytes(row.stored_sha256 or b"") != body_sha256:
            raise _with_state(TurnSeqReused(), state)
        return row.stored_answer
    if turn_seq <= row.turn_seq:
        raise _with_state(TurnOutOfDate(), state)
    if row.ended_at is not None:
        raise _with_state(CallEnded(), state)
    if turn_seq > row.turn_seq + 1:
        raise _with_state(TurnSkipped(), state)
    return None


def _with_state(error: TriageError, state: Mapping[str, Any]) -> TriageError:
    error.state = state
    return error


def _once(directives: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    """The directives with only the last screen: those before it would never be seen."""
    last = max((n for n, one in enumerate(directives) if one["type"] == "visual"), default=-1)
    return [one for n, one in enumerate(directives) if one["type"] != "visual" or n == last]


def _numbered(directives: list[dict[str, Any]], turn_seq: int) -> list[dict[str, Any]]:
    return [
        {"type": one["type"], "id": f"{turn_seq}-{number}", **one}
        for number, one in enumerate(directives, 1)
    ]


def _ended(outcome: str | None, state: CallState, at: datetime) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "ended_at": at.isoformat(),
        "cases": [
            {"id": one.id, "receipt_number": one.receipt_number, "due_at": one.due_at}
            for one in state.filed
        ],
    }
