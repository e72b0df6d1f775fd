"""Sessions whose time is up: what a caller had told is filed, then their own words are dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

from services.cases.clock import DueAt
from services.city.pack import CityPack
from services.database import Database
from services.errors import TriageError
from services.intake.desk import IntakeDesk, Receipt
from services.intake.record import IntakeRecord
from services.intake.sealing import Sealer
from services.intake.store import UnknownUpload
from services.visual import filing, store
from services.visual.session import Session
from services.visual.store import Kept, SessionStore

AT_ONCE = 50

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sweeper:
    """`desk` makes an intake desk, opened and closed for each round."""

    database: Database
    desk: Callable[[], IntakeDesk]
    pack: CityPack
    sealer: Sealer
    due_at: DueAt
    new_id: Callable[[], UUID]

    def close_expired(self, now: datetime) -> int:
        """Close sessions past their time; returns how many were filed, which had a leaf or words.

        The locks are held until all is filed, and a session that comes again after a crash finds
        its own complaint. Photographs that are gone by then do not hold up the words.
        """
        with self.database.transaction() as conn:
            expired = SessionStore(self.sealer).lock_expired(conn, AT_ONCE)
            unfiled = [
                kept for kept in expired if kept.session.usable and kept.session.screen != "receipt"
            ]
            records = {kept.id: self._record(kept, now) for kept in unfiled}
            built = {id: one for id, one in records.items() if one is not None}
            outcomes = asyncio.run(self._file(list(built.values())))
            refused = {id for id, one in records.items() if one is None} | {
                id
                for id, outcome in zip(built, outcomes, strict=True)
                if not isinstance(outcome, Receipt)
            }
            for kept in expired:
                if kept.id not in refused:
                    store.close(conn, kept.id, _emptied(kept.session))
        if refused:
            _log.warning("sessions_not_filed", rows=len(refused))
        return len(unfiled) - len(refused)

    def _record(self, kept: Kept, now: datetime) -> IntakeRecord | None:
        """None for a session that makes no complaint, as when its menu has lost the leaf."""
        try:
            record = filing.record(
                kept,
                pack=self.pack,
                sealer=self.sealer,
                due_at=self.due_at,
                now=now,
                new_id=self.new_id,
            )
        except TriageError as error:
            _log.warning("session_makes_no_complaint", session=str(kept.id), code=error.code)
            return None
        return replace(record, incomplete=kept.session.screen != "filing")

    async def _file(self, records: Sequence[IntakeRecord]) -> list[Receipt | TriageError]:
        if not records:
            return []
        desk = self.desk()
        await desk.open()
        try:
            outcomes = await desk.file_all(records)
            return [
                await desk.file(replace(record, uploads=[]))
                if isinstance(outcome, UnknownUpload)
                else outcome
                for record, outcome in zip(records, outcomes, strict=True)
            ]
        finally:
            await desk.close()


def _emptied(session: Session) -> Session:
    """The session without anything a caller told."""
    return replace(Session(), screen=session.screen, language=session.language, rev=session.rev)
