"""Brings on what nobody does: waits that are over, answered cases that nothing closes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog

from services.cases import orders, store
from services.cases.acting import act
from services.cases.clock import DueAt
from services.cases.situation import SYSTEM, Situation
from services.city import CityPack
from services.database import Connection, Database
from services.errors import TriageError

AT_ONCE = 200

_log = structlog.get_logger()


def end_waits(database: Database, pack: CityPack, due_at: DueAt) -> int:
    """Bring back to their handlers the cases whose supplement, survey or cooperation is over."""
    with database.transaction() as conn:
        ids = store.list_waits_over(conn, AT_ONCE)
    return _each(database, ids, "resume", orders.Nothing(), pack, due_at)


def close_answered(database: Database, pack: CityPack, due_at: DueAt) -> int:
    """Close answered cases whose citizen wants no notice, and those that no notice closed."""
    with database.transaction() as conn:
        ids = store.list_to_close(conn, pack.clock.undelivered_days, AT_ONCE)
    return _each(database, ids, "finish", orders.Delivery(delivered=False), pack, due_at)


def close_delivered(conn: Connection, case_id: UUID, at: Situation) -> bool:
    """Close a case whose result notice has reached its citizen; False if there is nothing to close.

    A merged case closes with the one it was merged into, a reopened one not at all.
    """
    (case,) = store.lock_cases(conn, [case_id]) or (None,)
    if case is None or case.state != "resolved" or case.parent_id is not None:
        return False
    by_system = Situation(SYSTEM, at.now, at.pack, at.due_at)
    act(conn, case_id, "finish", orders.Delivery(delivered=True), by_system)
    return True


def _each(
    database: Database,
    ids: Sequence[UUID],
    action: str,
    order: orders.Order,
    pack: CityPack,
    due_at: DueAt,
) -> int:
    """Each case in a transaction of its own; one that has moved on meanwhile is left alone."""
    done = 0
    for case_id in ids:
        try:
            with database.transaction() as conn:
                at = Situation(SYSTEM, store.database_time(conn), pack, due_at)
                act(conn, case_id, action, order, at)
            done += 1
        except TriageError as error:
            _log.info("sweep_passed_over", action=action, code=error.code)
    return done
