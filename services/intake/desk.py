"""The intake desk: files complaints durably, many at once in one statement.

Requests that arrive while a statement is running wait and share the next one; each is answered
only after the commit that holds it. Nothing here speaks to Redis.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
import structlog

from services.database import AsyncConnection, AsyncDatabase
from services.errors import TriageError, Unavailable
from services.intake import store
from services.intake.record import IntakeRecord

MAX_SHARED = 256
WRITERS = 2

_log = structlog.get_logger()


class KeyReused(TriageError):
    """This Idempotency-Key was used before with another body."""

    code = "idempotency_key_reused"
    status = 422


class InFlight(TriageError):
    """A request with this Idempotency-Key is being carried out just now; ask again shortly."""

    code = "idempotency_key_in_flight"
    status = 409
    retry_after = 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the channel is told. `receipt_number` is None for a silent call, which has no case."""

    complaint_id: UUID
    receipt_number: str | None
    received_at: datetime
    replayed: bool


Outcome = Receipt | TriageError
_Waiting = tuple[IntakeRecord, "asyncio.Future[Outcome]"]


class IntakeDesk:
    def __init__(self, database: AsyncDatabase, timezone: str) -> None:
        self._database = database
        self._timezone = timezone
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._writers: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        await self._database.open()
        self._writers = [asyncio.create_task(self._write_forever()) for _ in range(WRITERS)]

    async def close(self) -> None:
        for writer in self._writers:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
        await self._database.close()

    async def file(self, record: IntakeRecord) -> Outcome:
        """File one complaint together with whoever else is waiting."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((record, future))
        return await future

    async def file_all(self, records: Sequence[IntakeRecord]) -> list[Outcome]:
        """File a batch; one outcome for each, in order."""
        return list(await asyncio.gather(*(self.file(record) for record in records)))

    async def _write_forever(self) -> None:
        while True:
            waiting = [await self._waiting.get()]
            while len(waiting) < MAX_SHARED and not self._waiting.empty():
                waiting.append(self._waiting.get_nowait())
            await self._answer(waiting)

    async def _answer(self, waiting: list[_Waiting]) -> None:
        records = [record for record, _ in waiting]
        try:
            outcomes = await self._store(records)
        except (psycopg.DataError, psycopg.IntegrityError):
            outcomes = [await self._store_alone(record) for record in records]
        except asyncio.CancelledError:
            outcomes = [Unavailable()] * len(records)
            raise
        except Exception as error:
            outcomes = [_refusal(error)] * len(records)
        finally:
            for (_, future), outcome in zip(waiting, outcomes, strict=True):
                if not future.done():
                    future.set_result(outcome)

    async def _store_alone(self, record: IntakeRecord) -> Outcome:
        try:
            return (await self._store([record]))[0]
        except Exception as error:
            return _refusal(error)

    async def _store(self, records: Sequence[IntakeRecord]) -> list[Outcome]:
        try:
            return await self._store_once(records)
        except Unavailable:  # a connection that died in the pool; the keys make a retry harmless
            return await self._store_once(records)

    async def _store_once(self, records: Sequence[IntakeRecord]) -> list[Outcome]:
        async with self._database.connection() as conn:
            incomplete = await _incomplete(conn, records)
            complete = [record for record in records if record.complaint_id not in incomplete]
            fresh = await store.store_intakes(conn, complete, self._timezone)
            old = [(r.client, r.key) for r in records if UUID(r.complaint_id) not in fresh]
            kept = await store.find_replayed(conn, old) if old else {}
        return [_outcome(record, fresh, kept) or _refused(record, incomplete) for record in records]


def _outcome(
    record: IntakeRecord,
    fresh: dict[UUID, str | None],
    kept: dict[tuple[str, str], store.KeptAnswer],
) -> Outcome | None:
    """What became of a complaint; None if it was neither stored now nor before."""
    complaint_id = UUID(record.complaint_id)
    if complaint_id in fresh:
        received_at = datetime.fromisoformat(record.received_at)
        return Receipt(complaint_id, fresh[complaint_id], received_at, replayed=False)
    answer = kept.get((record.client, record.key))
    if answer is None:
        return None
    if bytes(answer.body_sha256).hex() != record.body_sha256:
        return KeyReused()
    return Receipt(answer.complaint_id, answer.receipt_number, answer.received_at, replayed=True)


async def _incomplete(conn: AsyncConnection, records: Sequence[IntakeRecord]) -> set[str]:
    """Ids of the complaints that name a file which is not held for their client."""
    named = [id for record in records for id in record.uploads]
    if not named:
        return set()
    held = await store.find_held_uploads(conn, named)
    return {
        record.complaint_id
        for record in records
        if any((record.client, id) not in held for id in record.uploads)
    }


def _refused(record: IntakeRecord, incomplete: set[str]) -> TriageError:
    return store.UnknownUpload() if record.complaint_id in incomplete else InFlight()


def _refusal(error: Exception) -> TriageError:
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return InFlight()
    if isinstance(error, TriageError):
        return error
    _log.error("intake_failed", exc_info=error)
    return TriageError()
