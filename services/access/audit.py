"""The audit log: who did or read what, when, from where and of which case.

Rows are kept for two years (`services.access.pruning`). They name people and programs by
`Actor.name`, cases by id; never a citizen's name, number or words. The database chains each row to
the one before it (migrations/0009_access.sql); `services.access.chain` checks that.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from psycopg.types.json import Jsonb

from services.access.actor import Actor
from services.access.store import QUERIES
from services.database import Connection

Action = Literal[
    "read_case",
    "read_events",
    "read_similar",
    "read_proposals",
    "read_contact",
    "read_transcript",
    "read_attachment",
    "read_export",
    "sign_in",
    "sign_in_refused",
    "sign_out",
    "sign_out_everywhere",
    "create_key",
    "revoke_key",
    "add_account",
    "change_account",
    "switch_account_on",
    "switch_account_off",
    "set_password",
]


def record(
    conn: Connection,
    actor: Actor | str,
    action: Action,
    *,
    address: str | None = None,
    case_id: UUID | None = None,
    **data: Any,
) -> None:
    """Append a row, in the transaction that does the thing: what cannot be logged is not done.

    Make it the last statement, since whoever appends waits for the one before to commit.
    """
    parameters = {
        "actor": actor if isinstance(actor, str) else actor.name,
        "action": action,
        "address": address,
        "case_id": case_id,
        "data": Jsonb(data),
    }
    conn.execute(QUERIES["append_audit"], parameters)
