"""Signing in: with a local password, or as the person an OIDC provider vouches for."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from services.access import attempts, audit, passwords, sessions
from services.access.actor import person
from services.access.oidc import Identity
from services.access.staff import Person, set_password
from services.access.store import QUERIES
from services.database import Connection, Database
from services.errors import TriageError

NOBODY = "nobody"
"""The actor of a sign-in by a name that no account has."""


class SignInRefused(TriageError):
    """This name and password do not open an account here."""

    code = "sign_in_refused"
    status = 401


class NoAccount(TriageError):
    """You are known to the sign-in provider, but have no account here: ask an administrator."""

    code = "no_account"
    status = 403


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a sign-in comes from; `token` is that of a session the browser already has."""

    address: str
    token: str | None = field(default=None, repr=False)


def by_password(
    database: Database, username: str, password: str, visitor: Visitor, lifetime_seconds: int
) -> str:
    """The token of a new session; raises `SignInRefused` or `attempts.TooManySignIns`.

    Each step is a transaction of its own: an attempt stays counted, and no connection waits
    while the password is worked out.
    """
    username = username.strip().lower()
    with database.transaction() as conn:
        attempts.count(conn, username, visitor.address)
    with database.transaction() as conn:
        staff_id, stored = _password(conn, username)
    right = passwords.matches(stored, password)
    with database.transaction() as conn:
        if staff_id is not None and right:
            attempts.forgive(conn, username, visitor.address)
            return _begin(conn, staff_id, visitor, lifetime_seconds, "password")
        who = person(staff_id) if staff_id else NOBODY
        audit.record(conn, who, "sign_in_refused", address=visitor.address, by="password")
    raise SignInRefused


def by_identity(
    database: Database, identity: Identity, visitor: Visitor, lifetime_seconds: int
) -> str:
    """The token of a new session for whom the provider named; raises `NoAccount`.

    An account made beforehand with the person's e-mail address is theirs from the first sign-in
    on, if the provider has verified the address. No account is ever made here.
    """
    with database.transaction() as conn:
        staff_id = _account(conn, identity)
        if staff_id is not None:
            return _begin(conn, staff_id, visitor, lifetime_seconds, "oidc")
        audit.record(conn, NOBODY, "sign_in_refused", address=visitor.address, by="oidc")
    raise NoAccount


def sign_out(database: Database, one: Person, visitor: Visitor) -> None:
    """End the session that `visitor` holds."""
    with database.transaction() as conn:
        if visitor.token is not None:
            sessions.end(conn, visitor.token)
        audit.record(conn, one.actor, "sign_out", address=visitor.address)


def sign_out_everywhere(database: Database, one: Person, visitor: Visitor) -> None:
    with database.transaction() as conn:
        sessions.end_all(conn, one.id)
        audit.record(conn, one.actor, "sign_out_everywhere", address=visitor.address)


def change_password(
    database: Database, one: Person, old: str, new: str, visitor: Visitor, lifetime_seconds: int
) -> str:
    """Set a person's own password, and end all their sessions but the one that this returns.

    Raises `SignInRefused` for a wrong old password, `attempts.TooManySignIns`, `WeakPassword`.
    """
    with database.transaction() as conn:
        attempts.count(conn, one.username, visitor.address)
    with database.transaction() as conn:
        _, stored = _password(conn, one.username)
    if not passwords.matches(stored, old):
        raise SignInRefused
    hashed = passwords.hash(new)
    with database.transaction() as conn:
        attempts.forgive(conn, one.username, visitor.address)
        set_password(conn, one.id, hashed)
        token = sessions.begin(conn, one.id, lifetime_seconds)
        audit.record(conn, one.actor, "set_password", address=visitor.address, account=str(one.id))
    return token


def _begin(
    conn: Connection, staff_id: UUID, visitor: Visitor, lifetime_seconds: int, by: str
) -> str:
    token = sessions.begin(conn, staff_id, lifetime_seconds, visitor.token)
    audit.record(conn, person(staff_id), "sign_in", address=visitor.address, by=by)
    return token


def _password(conn: Connection, username: str) -> tuple[UUID | None, str | None]:
    if "\0" in username:  # Postgres has no such text, and so no such name
        return None, None
    row = conn.execute(QUERIES["find_password"], {"username": username}).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _account(conn: Connection, identity: Identity) -> UUID | None:
    known = {"issuer": identity.issuer, "subject": identity.subject, "email": identity.email}
    row = conn.execute(QUERIES["find_staff_by_subject"], known).fetchone()
    if row is None and identity.email is not None:
        row = conn.execute(QUERIES["bind_staff_to_subject"], known).fetchone()
    return row[0] if row else None
