"""What a citizen does to their own case, by receipt number and lookup code.

The caller has checked the code and opened the transaction in that receipt number's scope. Cases
that were merged into this one follow it, so the transaction sees the whole city from then on.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from services.cases import orders, store
from services.cases.acting import act
from services.cases.case import Case
from services.cases.situation import CITIZEN, Situation
from services.database import CITY, Connection, set_scope
from services.errors import NotFound


def answer_supplement(conn: Connection, case_id: UUID, order: orders.Note, at: Situation) -> Case:
    """Keep what the citizen adds; if it was asked for, the case goes back to its handler."""
    case = _own(conn, case_id)
    asked = case.state == "supplement" and case.parent_id is None
    action = "answer-supplement" if asked else "add"
    return act(conn, case_id, action, order, replace(at, actor=CITIZEN))


def withdraw(conn: Connection, case_id: UUID, order: orders.Reason, at: Situation) -> Case:
    """End the case at the citizen's wish (취하); raises `IllegalTransition` if it has an answer."""
    _own(conn, case_id)
    return act(conn, case_id, "withdraw", order, replace(at, actor=CITIZEN))


def _own(conn: Connection, case_id: UUID) -> Case:
    found = store.lock_cases(conn, [case_id])
    if not found:
        raise NotFound
    set_scope(conn, CITY)
    return found[0]
