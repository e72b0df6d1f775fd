"""Sign-ins on their way through the OIDC provider, in Postgres: each comes back once, in time."""

from __future__ import annotations

from services.access.oidc import Flow, OidcRefused
from services.access.sessions import digest
from services.access.store import QUERIES
from services.database import Connection


def begin_flow(conn: Connection, flow: Flow) -> None:
    parameters = {
        "state": digest(flow.state),
        "nonce": flow.nonce,
        "verifier": flow.verifier,
        "return_to": flow.return_to,
    }
    conn.execute(QUERIES["begin_flow"], parameters)


def take_flow(conn: Connection, state: str) -> Flow:
    """The sign-in that began with `state`; raises `OidcRefused` if it is over or 10 min old."""
    row = conn.execute(QUERIES["take_flow"], {"state": digest(state)}).fetchone()
    if row is None or not row[3]:
        raise OidcRefused
    return Flow(state, *row[:3])
