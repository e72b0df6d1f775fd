"""The duty desk's table of calls: how each came out, who took those connected on, what was vain."""

from __future__ import annotations

from collections import Counter
from typing import Any

from services.database import Connection
from services.insight import store
from services.insight.summary import share


def calls(conn: Connection, window: store.Window) -> dict[str, Any]:
    """Calls begun in the window. Shares are of the calls that have ended; of none they are None.

    `containment` is what the machine settled: answered or reported, and not abandoned. Connected
    calls, to an agency or to a person, count apart and never as contained.
    """
    rows = store.summarise_calls(conn, window)
    outcomes = Counter({row.outcome or "open": row.calls for row in rows})
    ended = sum(row.calls for row in rows if row.outcome)
    figures = store.measure_calls(conn, window)
    return {
        "from": window.since,
        "to": window.until,
        "calls": ended + outcomes["open"],
        "open": outcomes["open"],
        "simple_answers": outcomes["answered"],
        "reports": outcomes["reported"],
        "connected_by_agency": store.count_connected(conn, window),
        "connected": outcomes["transferred"],
        "by_people": outcomes["staff"],
        "abandoned": outcomes["abandoned"],
        "shares": {name: share(outcomes[name], ended) for name in OUTCOMES},
        "containment": share(outcomes["answered"] + outcomes["reported"], ended),
        "transfer_rate": share(outcomes["transferred"] + outcomes["staff"], ended),
        "duration_p50_seconds": figures.duration_p50_seconds,
        "duration_p90_seconds": figures.duration_p90_seconds,
        "mean_turns": figures.mean_turns,
        "emergencies": figures.emergencies,
        "abuse_warned": figures.abuse_warned,
        "incomplete_cases": figures.incomplete_cases,
        "asked_in_vain": store.count_asked_in_vain(conn, window),
    }


OUTCOMES = ("answered", "reported", "transferred", "staff", "abandoned")
