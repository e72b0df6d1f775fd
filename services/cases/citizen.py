"""What a citizen does to their own case, by receipt number and lookup code.

The caller has checked the code and opened the transaction in that receipt number's scope.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from services.cases import orders, store
from services.cases.acting import act
from services.cases.case import Case
from services.cases.situation import CITIZEN, Situation
from services.database import Connection
from services.errors import NotFound


def answer_supplement(conn: Connection, case_id: UUID, order: orders.Note, at: Situation) -> Case:
    """Keep what the citizen adds; if it was asked for, the case goes back to its handler."""
    found = store.lock_cases(conn, [case_id])
    if not found:
        raise NotFound
    asked = found[0].state == "supplement" and found[0].parent_id is None
    action = "answer-supplement" if asked else "add"
    return act(conn, case_id, action, order, replace(at, actor=CITIZEN))


def withdraw(conn: Connection, case_id: UUID, order: orders.Reason, at: Situation) -> Case:
    """End the case at the citizen's wish (취하); raises `IllegalTransition` if it has an answer."""
    return act(conn, case_id, "withdraw", order, replace(at, actor=CITIZEN))
