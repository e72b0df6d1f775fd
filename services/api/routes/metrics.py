"""Figures for supervisors and for the machines that watch the machine."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import Response

from services.access.actor import Actor
from services.api.backend import Back, Backend, Caller, now
from services.database import CITY
from services.errors import Forbidden, InvalidField
from services.insight import store
from services.insight.calls import calls
from services.insight.summary import summary
from services.knowledge.gaps import gauge_gaps
from services.knowledge.store import gauge_articles
from services.notices.store import gauge_notices
from services.visual.store import gauge_sessions

router = APIRouter(tags=["supervisors"])

DEFAULT_DAYS = 30


@router.get("/v1/metrics/summary", summary="Volume, backlog, times, rates")
def show_summary(
    back: Back,
    actor: Caller,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
    agency: str | None = None,
) -> dict[str, Any]:
    """Complaints received from `from` (30 days ago) to before `to` (now); agency by its name."""
    window = _window(back, actor, since, until, agency)
    with back.database.transaction(actor.scope) as conn:
        return summary(conn, window, now())


@router.get("/v1/metrics/calls", summary="How live calls came out")
def show_calls(
    back: Back,
    actor: Caller,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
    agency: str | None = None,
) -> dict[str, Any]:
    """Calls begun from `from` (30 days ago) to before `to` (now): simple answers, reports,
    connected by agency, by people; and what the machine settled, apart from transfers.
    """
    window = _window(back, actor, since, until, agency)
    with back.database.transaction(actor.scope) as conn:
        return calls(conn, window)


def _window(
    back: Backend,
    actor: Actor,
    since: datetime | None,
    until: datetime | None,
    agency: str | None,
) -> store.Window:
    actor.require("supervisor")
    moment = now()
    since, until = since or moment - timedelta(days=DEFAULT_DAYS), until or moment
    if since.tzinfo is None or until.tzinfo is None:
        raise InvalidField("A time needs its zone.", code="timezone_required")
    agency_id = _agency_id(back, agency)
    if actor.agency_id and agency_id not in (None, actor.agency_id):
        raise Forbidden
    return store.Window(since, until, agency_id or actor.agency_id)


def _agency_id(back: Backend, name: str | None) -> str | None:
    if name is None:
        return None
    agency = back.pack.agency_named(name)
    if agency is None:
        raise InvalidField("There is no such agency.")
    return agency.id


@router.get("/metrics", include_in_schema=False)
def prometheus(back: Back) -> Response:
    """Counts and ages only: every state that something can be stuck in has a gauge here."""
    registry = CollectorRegistry()
    registry.register(_Gauges(back))
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")


class _Gauges(Collector):
    def __init__(self, back: Backend) -> None:
        self._back = back

    def collect(self) -> list[GaugeMetricFamily]:
        with self._back.database.transaction(CITY) as conn:
            states = store.gauge_states(conn)
            outbox = store.gauge_outbox(conn)
            stuck = store.gauge_stuck(conn)
            calls = store.gauge_calls(conn)
            heartbeats = store.gauge_heartbeats(conn)
            articles = gauge_articles(conn, now().date())
            gaps, asked = gauge_gaps(conn)
            told = gauge_notices(conn)
            pages = gauge_sessions(conn)
        return [
            _gauge("minwon_knowledge", "Articles", "state", [row[:2] for row in articles]),
            _gauge(
                "minwon_knowledge_expiring",
                "Articles read out that end within 30 days",
                "state",
                [(row[0], row[2]) for row in articles],
            ),
            _gauge(
                "minwon_knowledge_gaps",
                "Open questions without an answer, and how often they were asked",
                "count",
                [("questions", gaps), ("asked", asked)],
            ),
            _gauge("minwon_calls", "Calls not ended", "state", [row[:2] for row in calls]),
            _gauge("minwon_cases", "Open cases", "state", [row[:2] for row in states]),
            _gauge(
                "minwon_cases_oldest_seconds",
                "Time since the longest waiting case last moved",
                "state",
                [(row[0], row[2]) for row in states],
            ),
            _gauge("minwon_cases_stuck", "Cases that a sweeper should have moved", "why", stuck),
            _gauge("minwon_outbox", "Work waiting", "topic", [row[:2] for row in outbox]),
            _gauge(
                "minwon_outbox_dead",
                "Work given up after its last attempt",
                "topic",
                [(row[0], row[2]) for row in outbox],
            ),
            _gauge(
                "minwon_outbox_oldest_seconds",
                "Age of the oldest work",
                "topic",
                [(row[0], row[3]) for row in outbox],
            ),
            _gauge(
                "minwon_heartbeat_age_seconds",
                "Time since a process last showed itself",
                "process",
                heartbeats,
            ),
            _gauge(
                "minwon_visual_sessions",
                "Callers' pages that no call leads, open and waiting to be closed",
                "state",
                [row[:2] for row in pages],
            ),
            _gauge(
                "minwon_visual_sessions_oldest_seconds",
                "Time since the oldest of them began",
                "state",
                [(row[0], row[2]) for row in pages],
            ),
            _gauge("minwon_notices", "Notices not delivered", "state", [row[:2] for row in told]),
            _gauge(
                "minwon_notices_oldest_seconds",
                "Age of the oldest notice not delivered",
                "state",
                [(row[0], row[2]) for row in told],
            ),
        ]


def _gauge(
    name: str, help: str, label: str, rows: list[tuple[str, float]] | list[tuple[str, int]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help, labels=[label])
    for value, figure in rows:
        family.add_metric([value], figure)
    return family
