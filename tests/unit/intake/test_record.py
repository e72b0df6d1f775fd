"""What is stored of a complaint: nothing personal outside the sealed part."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from services.intake.payload import parse
from services.intake.record import IntakeRecord, build, fingerprint
from services.intake.sealing import Sealer

NOW = datetime(2026, 8, 3, 1, 0, tzinfo=UTC)
SEALER = Sealer(bytes(range(32)))
PERSONAL = ("900101-1234567", "010-1234-5678", "hong@example.com", "홍길동", "010-9999-8888")


def filed(body: dict[str, Any]) -> IntakeRecord:
    return build(
        parse(body, NOW),
        client="test",
        key="k",
        body_sha256=fingerprint(body),
        now=NOW,
        due_at=NOW,
        new_id=lambda: UUID(str(uuid7())),
        sealer=SEALER,
    )


def everywhere(text: str) -> dict[str, Any]:
    """A web complaint that says `text` wherever a citizen can write freely."""
    return {
        "channel": "web",
        "web": {
            "title": text,
            "body": text,
            "attachments": [{"name": text, "url": f"https://files.example/{text}"}],
        },
        "location": {"address": text, "dong": text},
        "contact": {"name": "홍길동 900101-1234567", "phone": "010-9999-8888"},
    }


def test_nothing_personal_is_readable_in_the_row() -> None:
    row = filed(everywhere("900101-1234567 010-1234-5678 hong@example.com")).as_row()
    readable = json.dumps({**row, "sealed": ""}, ensure_ascii=False)
    assert not [piece for piece in PERSONAL if piece in readable]


def test_the_sealed_part_has_the_contact_and_no_resident_number() -> None:
    sealed = filed(everywhere("900101-1234567 010-1234-5678")).sealed
    assert sealed is not None
    contact = SEALER.unseal(sealed.encode())
    assert contact["phone"] == "010-9999-8888"
    assert contact["in_text"] == [["전화번호", "010-1234-5678"]]
    assert "900101" not in json.dumps(contact, ensure_ascii=False)


def test_nothing_is_sealed_when_nobody_gave_anything() -> None:
    assert filed({"channel": "web", "web": {"body": "가로등 고장"}}).sealed is None


def test_every_turn_of_a_call_is_masked() -> None:
    turns = [
        {"speaker": "caller", "text": "010-1234-5678이에요"},
        {"speaker": "agent", "text": "010-1234-5678 맞으시죠"},
    ]
    record = filed(
        {"channel": "voice", "voice": {"call_id": "c", "transcript": {"segments": turns}}}
    )
    assert [turn["text"] for turn in record.segments or []] == [
        "[전화번호]이에요",
        "[전화번호] 맞으시죠",
    ]


def test_a_silent_call_makes_no_case() -> None:
    silent = {"call_id": "c", "transcript": {"segments": []}}
    assert not filed({"channel": "voice", "voice": silent}).has_case


def test_a_body_has_one_fingerprint_whatever_the_order_of_its_fields() -> None:
    assert fingerprint({"a": 1, "b": [1, 2]}) == fingerprint({"b": [1, 2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
