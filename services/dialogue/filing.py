"""A matter of a call as the intake desk files it: the same record, statement and receipt number."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from services.cases.clock import DueAt
from services.city import CityPack
from services.dialogue.moves import FileCase
from services.dialogue.speaking import NO_SERVICE
from services.intake.masking import mask
from services.intake.payload import ComplaintIn, Location, Transcript, Voice
from services.intake.record import IntakeRecord, build
from services.intake.sealing import Sealer


def masked(text: str, sealer: Sealer) -> tuple[str, str | None]:
    """The text fit to keep, and what was taken out of it, sealed."""
    result = mask(text)
    found = sealer.seal({"in_text": list(result.found)}).decode() if result.found else None
    return result.text, found


def record(
    effect: FileCase,
    *,
    call: UUID,
    call_id: str,
    client: str,
    number: int,
    started_at: datetime,
    sealed: Sequence[str],
    pack: CityPack,
    due_at: DueAt,
    sealer: Sealer,
    now: datetime,
    new_id: UUID,
) -> IntakeRecord:
    """The row for the call's matter with this `number`; filing it twice files it once."""
    matter = effect.matter
    words = matter.text or pack.services[matter.menu_service or NO_SERVICE].name
    complaint = ComplaintIn(
        channel="voice",
        occurred_at=None,
        voice=Voice(call_id=call_id[:200], transcript=Transcript(text=words)),
        location=Location(lat=matter.lat, lon=matter.lon, dong=matter.dong, address=matter.address),
    )
    row = build(
        complaint,
        client=client,
        key=f"call {call} {number}",
        body_sha256=sha256(words.encode()).hexdigest(),
        now=now,
        due_at=due_at(pack.petitions.default, now, ()),
        new_id=lambda: new_id,
        sealer=sealer,
    )
    return replace(
        row,
        interaction_id=str(call),
        started_at=started_at.isoformat(),
        occurred_at=started_at.isoformat(),
        incomplete=effect.incomplete,
        uploads=list(matter.photos),
        sealed=_together(sealed, sealer),
    )


def _together(sealed: Sequence[str], sealer: Sealer) -> str | None:
    """What was taken out of all turns so far, as one sealed piece."""
    found = [pair for one in sealed for pair in _pairs(sealer.unseal(one.encode()))]
    unique = [json.loads(text) for text in dict.fromkeys(map(json.dumps, found))]
    return sealer.seal({"in_text": unique}).decode() if unique else None


def _pairs(value: dict[str, object]) -> list[object]:
    pairs = value.get("in_text")
    return pairs if isinstance(pairs, list) else []
