"""Placeholders of reply templates, filled in for a case."""

from __future__ import annotations

import re
from typing import Final
from zoneinfo import ZoneInfo

from services.cases.case import Case
from services.city import CityPack
from services.errors import InvalidField

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
NAMES: Final = (
    "receipt_number",
    "title",
    "service",
    "agency",
    "department",
    "received_date",
    "due_date",
)


def checked(text: str) -> str:
    """The text, if it has no placeholder that nobody would fill; raises `InvalidField`."""
    if not set(_PLACEHOLDER.findall(text)) <= set(NAMES):
        raise InvalidField(f"The placeholders are {', '.join(NAMES)}.", pointer="/text")
    return text


def fill(text: str, case: Case, pack: CityPack) -> str:
    """The text with what is known of the case; what is not known stays as a gap to fill."""
    values = _values(case, pack)
    return _PLACEHOLDER.sub(lambda match: values.get(match[1]) or match[0], text)


def _values(case: Case, pack: CityPack) -> dict[str, str | None]:
    zone = ZoneInfo(pack.timezone)
    agency = pack.agencies.get(case.agency_id or "")
    service = pack.services.get(case.service or "")
    day = "%Y. %-m. %-d."
    return {
        "receipt_number": case.receipt_number,
        "title": case.title,
        "service": service.name if service else None,
        "agency": agency.name if agency else None,
        "department": case.department,
        "received_date": case.received_at.astimezone(zone).strftime(day),
        "due_date": case.due_at.astimezone(zone).strftime(day) if case.due_at else None,
    }
