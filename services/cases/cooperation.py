"""Questions that one unit asks another about a case, each with a due date of its own."""

from __future__ import annotations

from uuid import UUID

from services.cases import asking, orders, store
from services.cases.acting import act
from services.cases.case import Case
from services.cases.situation import SYSTEM, Situation
from services.cases.states import IllegalTransition
from services.database import Connection


def answer(conn: Connection, id: UUID, order: orders.Note, at: Situation) -> Case:
    """Keep a unit's answer and bring the case back if it was the last that was waited for.

    The transaction must see the whole city, and the caller have made sure that the question is
    the actor's to answer. Raises `IllegalTransition` if it was answered or taken back before.
    """
    asked = asking.find_question(conn, id)
    store.lock_cases(conn, [asked.case_id])
    if not asking.answer_question(conn, id, order.text, at.by, at.now):
        raise IllegalTransition("The question was answered or taken back.")
    by_system = Situation(SYSTEM, at.now, at.pack, at.due_at)
    case = store.find_case(conn, asked.case_id)
    action = "answer-cooperation" if case.state == "cooperation" else "add"
    return act(conn, asked.case_id, action, order, by_system)
