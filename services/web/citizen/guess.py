"""Where a complaint will probably go, said before it is filed."""

from __future__ import annotations

from dataclasses import dataclass

from services.api.backend import Backend
from services.intake.masking import mask
from services.triage.triage import Complaint
from services.web.citizen.entry import Entry, complaint

WAIT_SECONDS = 2.0
"""How long a preview waits for a model that is still being loaded."""


@dataclass(frozen=True, slots=True)
class Guess:
    """Names as in the city pack; `agency` is None where a person will decide."""

    service: str
    agency: str | None
    department: str | None
    emergency: bool


def guess(back: Backend, entry: Entry) -> Guess | None:
    """What triage would do with the entry; None while no model is loaded."""
    if not back.engine.wait(WAIT_SECONDS):
        return None
    place = complaint(entry, back.pack)["location"]
    given = Complaint(
        text=mask(entry.body).text, title=mask(entry.title).text or None, channel="web", **place
    )
    results = back.engine.triage([given])
    if not results:
        return None
    found = results[0]
    settled = None if found.doubtful else found.agency_name
    return Guess(
        service=back.pack.services[found.service].name,
        agency=settled,
        department=found.department if settled else None,
        emergency=found.decision == "emergency",
    )
