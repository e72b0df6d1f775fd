"""Cursors are opaque, come back as they went, and forged ones are refused."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.api import cursors
from services.cases.queues import Position
from services.errors import InvalidField

ID = "01890000000070008000000000000001"
MOMENT = "2026-08-03T10:00:00+09:00"


def forged(keys: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode()


def test_a_cursor_comes_back_as_it_went() -> None:
    position = Position(datetime(2026, 8, 3, 1, 0, 0, 123456, tzinfo=UTC), 1, UUID(ID))
    assert cursors.decode(cursors.encode(position)) == position
    assert len(cursors.encode(position)) < cursors.LONGEST


def test_no_cursor_is_the_first_page() -> None:
    assert cursors.decode(None) is None
    assert cursors.decode("") is None


@pytest.mark.parametrize(
    "cursor",
    [
        "가",
        "%%%",
        "AAAA",
        forged({}),
        forged([MOMENT, 1]),
        forged([MOMENT, 3, ID]),
        forged([MOMENT, -1, ID]),
        forged([MOMENT, float("inf"), ID]),
        forged([MOMENT, 1, "nobody"]),
        forged(["2026-08-03T10:00:00", 1, ID]),
        forged([1, 1, ID]),
        base64.urlsafe_b64encode(b"[" * 30_000).decode(),
    ],
    ids=lambda cursor: cursor[:20],
)
def test_what_we_did_not_give_is_no_cursor(cursor: str) -> None:
    with pytest.raises(InvalidField) as caught:
        cursors.decode(cursor)
    assert caught.value.code == "invalid_cursor"
