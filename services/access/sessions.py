"""Sessions of people who signed in: a random token in a cookie, its sha256 in Postgres."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from uuid import UUID

from psycopg.rows import class_row

from services.access.staff import Person
from services.access.store import QUERIES
from services.database import Connection

TOKEN_BYTES = 16


def begin(
    conn: Connection, staff_id: UUID, lifetime_seconds: int, replaced: str | None = None
) -> str:
    """A new session's token; the session of the token `replaced` ends."""
    if replaced is not None:
        end(conn, replaced)
    token = secrets.token_hex(TOKEN_BYTES)
    parameters = {"token": digest(token), "staff_id": staff_id, "seconds": lifetime_seconds}
    conn.execute(QUERIES["begin_session"], parameters)
    conn.execute(QUERIES["note_sign_in"], {"id": staff_id})
    return token


def find(conn: Connection, token: str, idle_seconds: int, *, touch: bool = True) -> Person | None:
    """Whose session it is, unless it has ended, was left idle, or the account is switched off.

    With `touch` this counts as use; what a page asks for by itself should not.
    """
    parameters = {"token": digest(token), "idle": idle_seconds, "touch": touch}
    with conn.cursor(row_factory=class_row(Person)) as cursor:
        return cursor.execute(QUERIES["find_session"], parameters).fetchone()


def end(conn: Connection, token: str) -> None:
    conn.execute(QUERIES["end_session"], {"token": digest(token)})


def end_all(conn: Connection, staff_id: UUID) -> None:
    """Sign the person out everywhere."""
    conn.execute(QUERIES["end_sessions_of"], {"staff_id": staff_id})


def forget_ended(conn: Connection) -> None:
    """Drop sessions, sign-ins that never came back and counts of attempts past their time."""
    for query in (
        QUERIES["forget_sessions"],
        QUERIES["forget_flows"],
        QUERIES["forget_attempts"],
    ):
        conn.execute(query)


def csrf(token: str) -> str:
    """What each form of this session must send along; only who holds the token can work it out."""
    return hmac.new(token.encode(), b"minwon csrf", hashlib.sha256).hexdigest()


def csrf_matches(token: str, given: str) -> bool:
    return hmac.compare_digest(csrf(token).encode(), given.encode())


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
