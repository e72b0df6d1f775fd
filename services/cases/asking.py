"""Questions of one unit to another in Postgres, with answers and due dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from services.cases.case import Case, Question
from services.cases.store import QUERIES
from services.database import Connection
from services.errors import NotFound


@dataclass(frozen=True, slots=True)
class Cooperation:
    """A question to a unit, open until it has an answer."""

    id: UUID
    case_id: UUID
    receipt_number: str
    agency_id: str
    department: str
    text: str
    asked_by: str
    asked_at: datetime
    due_at: datetime | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


def add_question(
    conn: Connection, id: UUID, case: Case, question: Question, by: str, now: datetime
) -> None:
    parameters = {
        "id": id,
        "case_id": case.id,
        "receipt_number": case.receipt_number,
        "agency_id": question.agency_id,
        "department": question.department,
        "text": question.text,
        "asked_by": by,
        "asked_at": now,
        "due_at": question.due_at,
    }
    conn.execute(QUERIES["add_question"], parameters)


def find_question(conn: Connection, id: UUID) -> Cooperation:
    """The question, if this transaction may see it; raises `NotFound`."""
    with conn.cursor(row_factory=class_row(Cooperation)) as cursor:
        found = cursor.execute(QUERIES["find_question"], {"id": id}).fetchone()
    if found is None:
        raise NotFound
    return found


def list_questions(
    conn: Connection,
    agency_id: str | None,
    departments: list[str] | None,
    after: UUID | None,
    limit: int,
) -> list[Cooperation]:
    """A page of the open questions to these units, the first asked first."""
    parameters: dict[str, Any] = {
        "agency_id": agency_id,
        "departments": departments,
        "after": after,
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(Cooperation)) as cursor:
        return cursor.execute(QUERIES["list_questions"], parameters).fetchall()


def list_questions_of_case(conn: Connection, case_id: UUID) -> list[Cooperation]:
    """All questions about a case, the first first, answered or not."""
    with conn.cursor(row_factory=class_row(Cooperation)) as cursor:
        return cursor.execute(QUERIES["list_questions_of_case"], {"case_id": case_id}).fetchall()


def count_questions(conn: Connection, case_id: UUID) -> int:
    """How many units have been asked about a case and owe their answer."""
    rows = conn.execute(QUERIES["count_questions"], {"case_id": case_id}).fetchall()
    return int(rows[0][0])


def answer_question(conn: Connection, id: UUID, answer: str, by: str, now: datetime) -> bool:
    """Keep the answer to an open question; False if it is not open."""
    parameters = {"id": id, "answer": answer, "answered_by": by, "now": now}
    return conn.execute(QUERIES["answer_question"], parameters).rowcount == 1


def cancel_questions(conn: Connection, case_id: UUID, now: datetime) -> None:
    conn.execute(QUERIES["cancel_questions"], {"case_id": case_id, "now": now})
