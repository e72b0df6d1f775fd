"""Cursors of keyset pages: the sort keys of the last case, opaque to whoever carries them."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from uuid import UUID

from services.cases.queues import Position
from services.errors import InvalidField

LONGEST = 200
"""Characters; ours have about 110."""


def encode(position: Position) -> str:
    keys = [position.at.isoformat(), position.urgency, position.id.hex]
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


def decode(cursor: str | None) -> Position | None:
    """Raises `InvalidField` for a cursor that was not given by `encode`."""
    if not cursor:
        return None
    try:
        if len(cursor) > LONGEST:
            raise ValueError
        padded = cursor + "=" * (-len(cursor) % 4)
        at, urgency, id = json.loads(base64.urlsafe_b64decode(padded))
        position = Position(datetime.fromisoformat(at), int(urgency), UUID(id))
    except (ValueError, TypeError, AttributeError, OverflowError):
        position = None
    if position is None or position.at.tzinfo is None or not 0 <= position.urgency <= 2:
        raise InvalidField("There is no such cursor.", code="invalid_cursor")
    return position


def decode_id(cursor: str | None) -> UUID | None:
    """The id that a page of a list by id ended with; raises `InvalidField` for anything else."""
    if not cursor:
        return None
    try:
        return UUID(cursor)
    except ValueError:
        raise InvalidField("There is no such cursor.", code="invalid_cursor") from None
