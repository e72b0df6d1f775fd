"""A caller's page becomes a complaint: the same intake as every channel's, filed once.

The intake key is the session's id, so a page that is sent twice, or a sweeper that comes after a
crash, finds the complaint that was stored the first time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.clock import DueAt
from services.city.pack import CityPack
from services.intake.payload import parse
from services.intake.record import IntakeRecord, build, fingerprint
from services.intake.sealing import Sealer
from services.visual.session import Session
from services.visual.store import Kept


def record(
    kept: Kept,
    *,
    pack: CityPack,
    sealer: Sealer,
    due_at: DueAt,
    now: datetime,
    new_id: Callable[[], UUID],
) -> IntakeRecord:
    """The complaint of a session that is `usable`."""
    body = complaint(kept, pack)
    built = build(
        parse(body, now),
        client=kept.client,
        key=f"visual-{kept.id}",
        body_sha256=fingerprint(body),
        now=now,
        due_at=due_at(pack.petitions.default, now, ()),
        new_id=new_id,
        sealer=sealer,
    )
    return replace(built, uploads=list(kept.session.photos))


def complaint(kept: Kept, pack: CityPack) -> dict[str, Any]:
    """The body that an ARS would post for this session."""
    session = kept.session
    menu = pack.menus.versions.get(kept.menu_version, pack.menus.current)
    path = list(menu.path(session.leaf)) if session.leaf in menu.nodes and session.leaf else []
    body = {
        "channel": "visual_ars",
        "visual_ars": {
            "session_id": str(kept.id),
            "menu_version": kept.menu_version,
            "path": path,
            "text": session.words or None,
        },
        "location": _location(session, pack),
        "consent": {"privacy": session.consent, "ai_notice": session.consent},
    }
    return {name: value for name, value in body.items() if value}


def _location(session: Session, pack: CityPack) -> dict[str, Any]:
    place = session.place
    said = " ".join(part for part in (place.dong, place.address) if part)
    return {
        name: value
        for name, value in (
            ("lat", place.lat),
            ("lon", place.lon),
            ("dong", place.dong),
            ("address", f"{pack.name} {said}" if said else None),
        )
        if value is not None
    }
