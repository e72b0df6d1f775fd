"""The supervisor's summary: volume, outcomes, backlog, times, and how right the machine was."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.database import Connection
from services.insight import store


def summary(conn: Connection, window: store.Window, now: datetime) -> dict[str, Any]:
    """Shares are of 1; a share of nothing is None."""
    interactions = store.summarise_interactions(conn, window)
    work = store.summarise_work(conn, window, now)
    ratings = store.summarise_ratings(conn, window)
    accuracy = store.summarise_accuracy(conn, window)
    return {
        "from": window.since,
        "to": window.until,
        "volume": {
            "interactions": sum(total for _, _, total in interactions),
            "by_channel": _totals((channel, total) for channel, _, total in interactions),
            "by_outcome": _totals((out or "open", total) for _, out, total in interactions),
        },
        "calls": _calls(conn, window),
        "cases": {"by_state": store.summarise_states(conn, window), **asdict(work)},
        "rates": {
            "on_time": share(work.resolved_on_time, work.resolved),
            "reroute": share(work.rerouted, work.cases),
            "bounce": share(work.bounces, work.cases),
            "reopen": share(store.summarise_reopened(conn, window), work.cases),
            "auto_routing_coverage": share(work.decided_by_machine, work.triaged),
        },
        "satisfaction": {
            **asdict(ratings),
            "satisfied_share": share(ratings.satisfied, ratings.ratings),
        },
        "model": {
            **asdict(accuracy),
            "service_top1": share(accuracy.service_right, accuracy.judged),
            "agency_top1": share(accuracy.agency_right, accuracy.judged),
        },
    }


def _calls(conn: Connection, window: store.Window) -> dict[str, Any]:
    """The duty desk's table; containment is of ended calls, those connected count as not held."""
    outcomes = {row.outcome or "open": row.calls for row in store.summarise_calls(conn, window)}
    open_calls = outcomes.pop("open", 0)
    ended = sum(outcomes.values())
    settled = outcomes.get("answered", 0) + outcomes.get("reported", 0)
    return {
        "calls": ended + open_calls,
        "simple_answers": outcomes.get("answered", 0),
        "reports": outcomes.get("reported", 0),
        "connected": outcomes.get("transferred", 0),
        "connected_by_agency": store.count_connected(conn, window),
        "by_people": outcomes.get("staff", 0),
        "abandoned": outcomes.get("abandoned", 0),
        "containment": share(settled, ended),
    }


def share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _totals(pairs: Any) -> dict[str, int]:
    totals: dict[str, int] = {}
    for name, total in pairs:
        totals[name] = totals.get(name, 0) + total
    return totals
