"""Reply templates in Postgres."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from services.database import Connection, named_queries
from services.errors import NotFound, TriageError

QUERIES = named_queries(Path(__file__).parent)


class TemplateExists(TriageError):
    """There is a template of this name for the same department and service already."""

    code = "template_exists"
    status = 409


@dataclass(frozen=True, slots=True)
class ReplyTemplate:
    """For all departments or services where they are None."""

    id: UUID
    agency_id: str
    department: str | None
    service: str | None
    name: str
    text: str
    updated_at: datetime
    updated_by: str


def list_templates(
    conn: Connection, agency_id: str | None, departments: list[str] | None, service: str | None
) -> list[ReplyTemplate]:
    """What fits, the narrowest first."""
    parameters = {"agency_id": agency_id, "departments": departments, "service": service}
    with conn.cursor(row_factory=class_row(ReplyTemplate)) as cursor:
        return cursor.execute(QUERIES["list_templates"], parameters).fetchall()


def find_template(conn: Connection, id: UUID) -> ReplyTemplate:
    """Raises `NotFound`."""
    with conn.cursor(row_factory=class_row(ReplyTemplate)) as cursor:
        found = cursor.execute(QUERIES["find_template"], {"id": id}).fetchone()
    if found is None:
        raise NotFound
    return found


def put_template(conn: Connection, template: ReplyTemplate) -> None:
    """Raises `TemplateExists` when another has its name."""
    try:
        conn.execute(QUERIES["put_template"], asdict(template))
    except psycopg.errors.UniqueViolation:
        raise TemplateExists from None


def delete_template(conn: Connection, id: UUID) -> None:
    conn.execute(QUERIES["delete_template"], {"id": id})
