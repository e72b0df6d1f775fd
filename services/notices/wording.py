"""What a notice says of its case: words for the templates, and the body of a webhook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.city import CityPack
from services.intake.sealing import Sealer
from services.notices.notice import PING, Letter
from services.notices.texts import Text, render, short_title, templates


@dataclass(frozen=True, slots=True)
class Wording:
    """`public_url` is empty where nobody said how this installation is reached."""

    pack: CityPack
    sealer: Sealer
    public_url: str

    def text(self, letter: Letter, language: str) -> Text:
        """The notice in `language`; but for the title, nothing in it is the citizen's text."""
        data = letter.data or {}
        outcome = templates(language)["outcomes"].get(letter.outcome or "", letter.outcome or "")
        agency = self.pack.agencies.get(letter.agency_id or "")
        return render(
            letter.template,
            language,
            {
                "city": self.pack.name,
                "receipt_number": letter.receipt_number,
                "title": short_title(letter.title),
                "agency": _said(data, "agency") or (agency.name if agency else ""),
                "department": letter.department or "",
                "due": self._date(letter.due_at, language),
                "state_url": self._page(letter),
                "lookup_code": self.sealer.lookup_code(letter.case_id) if letter.case_id else "",
                "text": _said(data, "text"),
                "reason": _said(data, "reason"),
                "until": self._date(_time(_said(data, "until")), language),
                "reply": letter.reply or "",
                "outcome": outcome,
                "outcome_reason": letter.outcome_reason or "",
                "remedy": letter.remedy or "",
                "officer": letter.officer if letter.officer != letter.department else "",
                "automated": letter.action == "route",
                "ai_text": bool(data.get("ai_text")),
                "parent": _said(data, "into"),
            },
        )

    def webhook(self, letter: Letter) -> dict[str, Any]:
        """The message for an agency's system: ids, states, links; nothing that a citizen said."""
        moment = (letter.happened_at or letter.created_at).astimezone(UTC).isoformat()
        return {"type": letter.template, "timestamp": moment, "data": self._facts(letter)}

    def _facts(self, letter: Letter) -> dict[str, Any]:
        if letter.template == PING:
            return {"endpoint": letter.recipient}
        case = f"{self.public_url}/v1/cases/{letter.case_id}"
        return {
            "case_id": str(letter.case_id),
            "receipt_number": letter.receipt_number,
            "event_id": letter.event_id,
            "action": letter.action,
            "state": letter.to_state,
            "links": {"case": case, "events": f"{case}/events"},
        }

    def _page(self, letter: Letter) -> str:
        if not self.public_url:
            return ""
        if letter.audience == "staff":
            return f"{self.public_url}/staff/cases/{letter.case_id}"
        return f"{self.public_url}/track"

    def _date(self, time: datetime | None, language: str) -> str:
        """In the city's time; Korean dates as official documents write them."""
        if time is None:
            return ""
        local = time.astimezone(ZoneInfo(self.pack.timezone))
        if language == "ko":
            return f"{local.year}. {local.month}. {local.day}. {local:%H:%M}"
        return f"{local:%Y-%m-%d %H:%M}"


def _said(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
