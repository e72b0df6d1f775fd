"""A channel's complaint as it will be stored: normalised, masked, with contact data sealed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.masking import Masked, mask, without_resident_numbers
from services.intake.payload import ComplaintIn, Web
from services.intake.sealing import Sealer

CONTACT = ("name", "phone", "email")


@dataclass(frozen=True, slots=True)
class IntakeRecord:
    """One row for `store_intakes`; field names are those of the statement."""

    client: str
    key: str
    body_sha256: str
    complaint_id: str
    interaction_id: str
    has_case: bool
    channel: str
    external_id: str | None
    session_id: str
    engine: str | None
    segments: list[dict[str, Any]] | None
    menu_version: str | None
    menu_path: list[str] | None
    attachments: list[dict[str, Any]] | None
    consent: dict[str, bool] | None
    started_at: str | None
    ended_at: str | None
    occurred_at: str
    received_at: str
    due_at: str
    title: str | None
    text: str
    lat: float | None
    lon: float | None
    address: str | None
    dong: str | None
    sealed: str | None
    reply_by: str | None
    person_key: str | None
    previous_id: str | None
    uploads: list[str]
    incomplete: bool = False

    def as_row(self) -> dict[str, Any]:
        """The fields by name; their values are shared, not copied."""
        return {name: getattr(self, name) for name in _COLUMNS}


_COLUMNS = tuple(field.name for field in fields(IntakeRecord))


def fingerprint(body: Any) -> str:
    """The sha256 of a parsed body, whatever the order of its fields or its blanks."""
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def build(
    complaint: ComplaintIn,
    *,
    client: str,
    key: str,
    body_sha256: str,
    now: datetime,
    due_at: datetime,
    new_id: Callable[[], UUID],
    sealer: Sealer,
    previous_id: UUID | None = None,
) -> IntakeRecord:
    """The row for a complaint posted by `client` at `now`.

    `due_at` holds until triage finds the kind of petition; `previous_id` is a closed case that the
    same citizen comes back with.
    """
    masker = _Masker()
    voice, menu, web = complaint.voice, complaint.visual_ars, complaint.web
    location = complaint.location
    title = masker.mask(web.title) if web and web.title else None
    text = masker.mask(complaint.text())
    return IntakeRecord(
        client=client,
        key=key,
        body_sha256=body_sha256,
        complaint_id=str(new_id()),
        interaction_id=str(new_id()),
        has_case=not complaint.is_silent_call(),
        channel=complaint.channel,
        external_id=complaint.external_id,
        session_id=voice.call_id if voice else menu.session_id if menu else key,
        engine=voice.engine if voice else None,
        segments=_segments(complaint, masker),
        menu_version=menu.menu_version if menu else None,
        menu_path=menu.path if menu else None,
        attachments=_attachments(web, masker) if web else None,
        consent=complaint.consent.model_dump() if complaint.consent else None,
        started_at=_stamp(voice.started_at if voice else None),
        ended_at=_stamp(voice.ended_at if voice else None),
        occurred_at=_iso(complaint.occurred_at or (voice.started_at if voice else None) or now),
        received_at=_iso(now),
        due_at=_iso(due_at),
        title=title,
        text=text,
        lat=location.lat if location else None,
        lon=location.lon if location else None,
        address=masker.mask(location.address) if location and location.address else None,
        dong=masker.mask(location.dong) if location and location.dong else None,
        sealed=_sealed(complaint, masker, sealer),
        reply_by=complaint.contact.reply_by if complaint.contact else None,
        person_key=_person_key(complaint, sealer),
        previous_id=str(previous_id) if previous_id else None,
        uploads=[str(id) for id in web.uploads()] if web else [],
    )


class _Masker:
    """Masks one complaint's texts and remembers what it took out."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def mask(self, text: str) -> str:
        masked: Masked = mask(text)
        self.found += [piece for piece in masked.found if piece not in self.found]
        return masked.text


def _segments(complaint: ComplaintIn, masker: _Masker) -> list[dict[str, Any]] | None:
    if complaint.voice is None or complaint.voice.transcript.segments is None:
        return None
    return [
        {**segment.model_dump(), "text": masker.mask(segment.text)}
        for segment in complaint.voice.transcript.segments
    ]


def _attachments(web: Web, masker: _Masker) -> list[dict[str, Any]]:
    """A file's name and address may tell who sent it, as a text may."""
    return [
        {
            **item.model_dump(exclude={"id"}),
            **({"id": str(item.id)} if item.id else {}),
            "name": masker.mask(item.name) if item.name else None,
            "url": masker.mask(item.url) if item.url else None,
        }
        for item in web.attachments
    ]


def _person_key(complaint: ComplaintIn, sealer: Sealer) -> str | None:
    """By which a citizen's cases find one another: by telephone number, else by e-mail address."""
    contact = complaint.contact
    known = (contact.phone or contact.email) if contact else None
    return sealer.person_key(known) if known else None


def _sealed(complaint: ComplaintIn, masker: _Masker, sealer: Sealer) -> str | None:
    contact = complaint.contact
    given = {
        name: without_resident_numbers(value)
        for name in CONTACT
        if (value := getattr(contact, name, None))
    }
    if not given and not masker.found:
        return None
    return sealer.seal({**given, "in_text": masker.found}).decode()


def _stamp(time: datetime | None) -> str | None:
    return _iso(time) if time else None


def _iso(time: datetime) -> str:
    return time.isoformat()
