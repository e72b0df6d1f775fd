"""People: their accounts, what they may do, and how pages name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from psycopg.sql import SQL

from services.access.actor import Actor, person, person_id
from services.access.store import QUERIES
from services.database import Connection
from services.errors import NotFound, TriageError

ROLES = ("staff", "triage", "supervisor", "admin")
CLIENT = "console"
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class AccountTaken(TriageError):
    """There is an account with this name, e-mail address or sign-in already."""

    code = "account_taken"
    status = 409


class InvalidAccount(TriageError):
    """An account needs a name of a-z, 0-9, dot, dash or underscore, and staff need an agency."""

    code = "invalid_account"
    status = 422


@dataclass(frozen=True, slots=True)
class Person:
    """An account. `departments` is None for all of the agency's."""

    id: UUID
    username: str
    display_name: str
    email: str | None
    role: str
    agency_id: str | None
    departments: list[str] | None
    is_manager: bool
    may_approve: bool
    language: str
    active: bool
    last_sign_in_at: datetime | None

    @property
    def name(self) -> str:
        """How events and assignments name this person."""
        return person(self.id)

    @property
    def actor(self) -> Actor:
        return Actor(
            key_id=str(self.id),
            role=self.role,
            client=CLIENT,
            agency_id=self.agency_id,
            departments=tuple(self.departments) if self.departments else None,
            staff_id=self.id,
            display_name=self.display_name,
            is_manager=self.is_manager,
            may_approve=self.may_approve,
            language=self.language,
        )


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What an administrator says of an account; a password or a sign-in by OIDC comes beside it."""

    username: str
    display_name: str
    role: str
    email: str | None = None
    agency_id: str | None = None
    departments: list[str] | None = None
    is_manager: bool = False
    may_approve: bool = False
    language: str = "ko"
    oidc_issuer: str | None = None
    oidc_subject: str | None = None


def add(conn: Connection, id: UUID, new: NewPerson, password_hash: str | None = None) -> Person:
    """Store the account; raises `InvalidAccount` or `AccountTaken`, after which `conn` is void."""
    if not _USERNAME.fullmatch(new.username) or (new.role == "staff" and not new.agency_id):
        raise InvalidAccount
    parameters = {
        **_said_of(id, new),
        "username": new.username,
        "oidc_issuer": new.oidc_issuer,
        "oidc_subject": new.oidc_subject,
        "password_hash": password_hash,
    }
    _write(conn, QUERIES["insert_staff"], parameters)
    return find(conn, id)


def change(conn: Connection, id: UUID, new: NewPerson) -> Person:
    """What is said of the account anew; its username and sign-ins stay.

    Raises `NotFound`, `InvalidAccount` or `AccountTaken`. Sessions go on with the new rights.
    """
    find(conn, id)
    if new.role == "staff" and not new.agency_id:
        raise InvalidAccount
    _write(conn, QUERIES["update_staff"], _said_of(id, new))
    return find(conn, id)


def _said_of(id: UUID, new: NewPerson) -> dict[str, object]:
    return {
        "id": id,
        "display_name": new.display_name,
        "role": new.role,
        "email": new.email,
        "agency_id": new.agency_id,
        "departments": new.departments or None,
        "is_manager": new.is_manager,
        "may_approve": new.may_approve,
        "language": new.language,
    }


def _write(conn: Connection, query: SQL, parameters: Mapping[str, object]) -> None:
    try:
        conn.execute(query, parameters)
    except psycopg.errors.UniqueViolation:
        raise AccountTaken from None


def find(conn: Connection, staff_id: UUID) -> Person:
    """Raises `NotFound`; an account that is switched off is found."""
    people = _people(conn, QUERIES["find_staff"], {"id": staff_id})
    if not people:
        raise NotFound
    return people[0]


def find_by_username(conn: Connection, username: str) -> Person:
    """Raises `NotFound`."""
    people = _people(conn, QUERIES["find_staff_by_username"], {"username": username})
    if not people:
        raise NotFound
    return people[0]


def list_people(conn: Connection) -> list[Person]:
    return _people(conn, QUERIES["list_staff"], {})


def staff_of(conn: Connection, agency_id: str, department: str | None = None) -> list[Person]:
    """Who works on cases of the agency, or of that department of it, by name."""
    return _people(
        conn, QUERIES["list_staff_of"], {"agency_id": agency_id, "department": department}
    )


def managers_of(conn: Connection, agency_id: str, department: str | None = None) -> list[Person]:
    """Those of `staff_of` who assign work and hear of what is late."""
    return [one for one in staff_of(conn, agency_id, department) if one.is_manager]


def supervisors_of(conn: Connection, agency_id: str | None) -> list[Person]:
    """Supervisors of the agency and of the whole city."""
    return _people(conn, QUERIES["list_supervisors_of"], {"agency_id": agency_id})


def desk_people(conn: Connection) -> list[Person]:
    """Who works at the triage desk."""
    return _people(conn, QUERIES["list_desk_people"], {})


def display_names(conn: Connection, names: Iterable[str | None]) -> dict[str, str]:
    """What pages show for the `Actor.name` of each person among `names`; programs are left out."""
    ids = {found for name in names if name and (found := person_id(name))}
    if not ids:
        return {}
    rows = conn.execute(QUERIES["list_display_names"], {"ids": list(ids)}).fetchall()
    return {person(row[0]): str(row[1]) for row in rows}


def set_active(conn: Connection, staff_id: UUID, active: bool) -> None:
    """Switch an account on or off; off, it has no sessions any more."""
    conn.execute(QUERIES["set_staff_active"], {"id": staff_id, "active": active})
    if not active:
        conn.execute(QUERIES["end_sessions_of"], {"staff_id": staff_id})


def set_password(conn: Connection, staff_id: UUID, password_hash: str) -> None:
    """Whoever signed in with the old one is signed out."""
    conn.execute(QUERIES["set_staff_password"], {"id": staff_id, "password_hash": password_hash})
    conn.execute(QUERIES["end_sessions_of"], {"staff_id": staff_id})


def set_language(conn: Connection, staff_id: UUID, language: str) -> None:
    conn.execute(QUERIES["set_staff_language"], {"id": staff_id, "language": language})


def _people(conn: Connection, query: SQL, parameters: Mapping[str, object]) -> list[Person]:
    with conn.cursor(row_factory=class_row(Person)) as cursor:
        return cursor.execute(query, parameters).fetchall()
