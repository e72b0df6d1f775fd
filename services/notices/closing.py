"""A case is closed once its result is delivered: docs/decisions/notices.md says when that is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from services.cases import store
from services.cases.case import Step
from services.cases.states import move
from services.database import Connection
from services.errors import TriageError

PATIENCE_DAYS: Final = 14
"""A result that could not be sent closes its case after so many days: the tracking page has it."""


def close_delivered(conn: Connection, case_id: UUID, now: datetime) -> bool:
    """Close the case as the system; False if somebody moved it meanwhile."""
    case = store.find_case(conn, case_id)
    try:
        move("close", case.state)
        closed = replace(case, state="closed", updated_at=now)
        store.save_step(conn, case, Step(closed), "system", "close")
    except TriageError:
        return False
    return True
