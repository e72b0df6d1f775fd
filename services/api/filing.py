"""From a body as a channel posts it to the record that the intake desk stores."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.api.backend import Backend, new_id, now
from services.intake.payload import parse
from services.intake.record import IntakeRecord, build, fingerprint


def record(
    back: Backend, client: str, key: str, body: Any, previous_id: UUID | None = None
) -> IntakeRecord:
    """The row for `body`, posted just now by `client` under an idempotency key.

    Raises `InvalidField` for a body that does not have the form described.
    """
    moment = now()
    return build(
        parse(body, moment),
        client=client,
        key=key,
        body_sha256=fingerprint(body),
        now=moment,
        due_at=back.due_at(back.pack.petitions.default, moment, ()),
        new_id=new_id,
        sealer=back.sealer,
        previous_id=previous_id,
    )
