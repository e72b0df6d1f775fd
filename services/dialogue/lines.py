"""Who takes calls now."""

from __future__ import annotations

from datetime import datetime

from services.cases.clock import Calendar
from services.city.dialogue import Script


def taking_calls(script: Script, calendar: Calendar, now: datetime) -> frozenset[str]:
    """Ids of the agencies whose lines are answered at `now`."""
    local = now.astimezone(calendar.timezone)
    office = any(start <= local < end for start, end in calendar.spans(local.date()))
    return frozenset(
        line.agency
        for line in script.lines.values()
        if line.takes_calls == "always" or (line.takes_calls == "office" and office)
    )
