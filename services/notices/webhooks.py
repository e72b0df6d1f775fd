"""Agencies' webhook endpoints in Postgres, their secrets, and what was delivered to them."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from services.database import Connection
from services.errors import NotFound, TriageError
from services.intake.sealing import Sealer
from services.notices.notice import PING, Planned
from services.notices.store import QUERIES, add_notices

GRACE_HOURS: Final = 24
"""For so long after a rotation both secrets sign."""
MAX_ENDPOINTS: Final = 10
_SECRET_BYTES = 32
_PREFIX = "whsec_"


class TooManyEndpoints(TriageError):
    """An agency has at most ten webhook endpoints."""

    code = "too_many_endpoints"
    status = 409


@dataclass(frozen=True, slots=True)
class EndpointRow:
    id: UUID
    agency_id: str
    url: str
    types: list[str]
    state: str
    failing_since: datetime | None
    created_at: datetime
    created_by: str
    old_secret_until: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt at a message; `state` is the message's own by now. Duration in milliseconds."""

    id: int
    notice_id: UUID
    type: str
    case_id: UUID | None
    state: str
    at: datetime
    attempt: int
    outcome: str
    status: int | None
    error: str | None
    duration_ms: int


def new_secret() -> str:
    """A signing secret as Standard Webhooks writes it, with 256 random bits."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def add_endpoint(
    conn: Connection,
    sealer: Sealer,
    *,
    id: UUID,
    agency_id: str,
    url: str,
    types: Sequence[str],
    created_by: str,
) -> str:
    """Store an endpoint and return its secret, which cannot be shown again."""
    row = conn.execute(QUERIES["count_endpoints"], {"agency_id": agency_id}).fetchone()
    if row is not None and row[0] >= MAX_ENDPOINTS:
        raise TooManyEndpoints
    secret = new_secret()
    conn.execute(
        QUERIES["add_endpoint"],
        {
            "id": id,
            "agency_id": agency_id,
            "url": url,
            "types": list(types),
            "sealed_secret": sealer.seal({"secret": secret}),
            "created_by": created_by,
        },
    )
    return secret


def list_endpoints(conn: Connection) -> list[EndpointRow]:
    return _endpoints(conn, None)


def find_endpoint(conn: Connection, id: UUID) -> EndpointRow:
    """The endpoint, if this transaction may see it; raises `NotFound`."""
    found = _endpoints(conn, id)
    if not found:
        raise NotFound
    return found[0]


def _endpoints(conn: Connection, id: UUID | None) -> list[EndpointRow]:
    with conn.cursor(row_factory=class_row(EndpointRow)) as cursor:
        return cursor.execute(QUERIES["list_endpoints"], {"id": id}).fetchall()


def change_endpoint(
    conn: Connection, id: UUID, url: str | None, types: Sequence[str] | None, state: str | None
) -> None:
    """Change what is not None; enabling one forgets its failures. Raises `NotFound`."""
    types = None if types is None else list(types)
    parameters = {"id": id, "url": url, "types": types, "state": state}
    _one(conn.execute(QUERIES["change_endpoint"], parameters).rowcount)


def rotate_secret(conn: Connection, sealer: Sealer, id: UUID) -> str:
    """Give a new secret; the one before it also signs for `GRACE_HOURS`. Raises `NotFound`."""
    secret = new_secret()
    sealed = sealer.seal({"secret": secret})
    parameters = {"id": id, "sealed_secret": sealed, "grace_hours": GRACE_HOURS}
    _one(conn.execute(QUERIES["rotate_secret"], parameters).rowcount)
    return secret


def remove_endpoint(conn: Connection, id: UUID) -> None:
    """Forget an endpoint; what still waits for it stays unsent. Raises `NotFound`."""
    _one(conn.execute(QUERIES["remove_endpoint"], {"id": id}).rowcount)


def ping(conn: Connection, endpoint: EndpointRow, notice_id: UUID) -> None:
    """Let a test message be sent to the endpoint."""
    planned = Planned(
        event_id=None,
        case_id=None,
        agency_id=endpoint.agency_id,
        audience="agency",
        channel="webhook",
        recipient=str(endpoint.id),
        template=PING,
        state="waiting",
    )
    add_notices(conn, [(notice_id, planned)])


def list_deliveries(
    conn: Connection, endpoint_id: UUID, before: int | None, limit: int
) -> list[Delivery]:
    """A page of attempts, the newest first."""
    parameters = {"endpoint_id": str(endpoint_id), "before": before, "limit": limit}
    with conn.cursor(row_factory=class_row(Delivery)) as cursor:
        return cursor.execute(QUERIES["list_deliveries"], parameters).fetchall()


def redeliver(conn: Connection, endpoint_id: UUID, notice_id: UUID) -> None:
    """Send a message again under the same id. Raises `NotFound`, also while it is being sent."""
    parameters = {"id": notice_id, "endpoint_id": str(endpoint_id)}
    _one(conn.execute(QUERIES["redeliver"], parameters).rowcount)


def _one(rows: int) -> None:
    if rows != 1:
        raise NotFound
