"""The audit log shortened from its beginning after two years, and what shows that it was in time.

The database removes the rows and leaves a `prune` row with the number and hash of the last one
(migrations/0019_audit_prune.sql). Two years: what staff read of people is kept so long.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.access.anchors import Tail
from services.access.store import QUERIES
from services.database import Connection, Database

PRUNE: Final = "prune"
KEPT: Final = timedelta(days=729)
"""Two years but a day: the clock of the anchors is not the database's."""
AT_ONCE: Final = 20_000


@dataclass(frozen=True, slots=True)
class Cut:
    """What a `prune` row says: rows up to `last` were removed by the row `id`, at `at`."""

    id: int
    at: datetime
    last: Tail


def prune(database: Database, at_once: int = AT_ONCE) -> int:
    """Remove rows older than two years, by the database's clock; returns how many there were."""
    removed = 0
    while True:
        with database.transaction() as conn:
            found = _prune(conn, at_once)
        removed += found
        if found < at_once:
            return removed


def _prune(conn: Connection, at_once: int) -> int:
    rows = conn.execute(QUERIES["prune_audit_log"], {"at_most": at_once}).fetchall()
    return int(rows[0][0])


def read_cut(id: int, content: str) -> Cut | None:
    """The cut that a row tells of; None for any other row, and for one that is not understood."""
    if f'"{PRUNE}"' not in content:
        return None
    try:
        at, _actor, _address, action, _case, data = json.loads(content)
        if action != PRUNE:
            return None
        last = Tail(int(data["through"]), bytes.fromhex(data["hash"]))
        return Cut(id, datetime.fromisoformat(at), last)
    except (ValueError, KeyError, TypeError):
        return None


def too_early(cut: Cut, anchors: Sequence[Tail], now: datetime) -> bool:
    """True if an anchor shows that a row which was removed was not yet two years old.

    Each row stands after the anchors with lower numbers. The cut was made neither later than now
    nor later than the first anchor that has its row, whatever that row says.
    """
    by = min([cut.at, now, *(one.at for one in anchors if one.at and one.id >= cut.id)])
    return any(
        one.at is not None and one.id < cut.last.id and one.at > by - KEPT for one in anchors
    )
