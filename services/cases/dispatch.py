"""From received to an agency's queue or the review desk: batches claimed, triaged, written once.

A batch is claimed under a lease, embedded and classified as one, and written back in the same
transaction that removes it from the outbox. Whoever lost the lease removes nothing and so writes
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog

from services.cases import triaging
from services.cases.case import URGENCIES
from services.cases.clock import DueAt
from services.cases.deadline import handover_due_at
from services.city import CityPack
from services.database import Database
from services.outbox import store as outbox
from services.outbox.lease import held
from services.triage.triage import Complaint, Triage, Triaged

TOPIC: Final = "triage"
BATCH: Final = 256
ROUNDS: Final = 200
"""Batches after which a task ends, so that no task runs into its time limit under load."""
RETRY_SECONDS: Final = 2.0
ORPHANS_AT_ONCE: Final = 1_000
TRIAGE_FAILED: Final = {
    "code": "triage_failed",
    "text": "자동 분류에 반복 실패하여 담당자 확인이 필요합니다.",
}

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Everything a worker needs to place complaints."""

    database: Database
    triage: Triage
    pack: CityPack
    due_at: DueAt

    def drain(self) -> int:
        """Place what is due, up to `ROUNDS` batches; returns how many complaints were placed."""
        placed = 0
        for _ in range(ROUNDS):
            work = self._claim()
            if not work:
                break
            placed += sum(self._attempt(batch) for batch in work)
        return placed

    def _claim(self) -> list[list[outbox.Work]]:
        with self.database.transaction() as conn:
            claims = [outbox.claim_fresh(conn, TOPIC, BATCH), outbox.claim_again(conn, TOPIC)]
        return [batch for batch in claims if batch]

    def _attempt(self, work: list[outbox.Work]) -> int:
        """Place a batch; after a failure give it back, each complaint then to be tried alone."""
        try:
            with held(self.database, work):
                return self._place(work)
        except Exception as error:
            _log.exception("triage_failed", rows=len(work), error=type(error).__name__)
            with self.database.transaction() as conn:
                delay = RETRY_SECONDS * (work[0].attempts - 1)
                outbox.put_back_work(conn, work, type(error).__name__, delay)
            return 0

    def _place(self, work: list[outbox.Work]) -> int:
        with self.database.transaction() as conn:
            received = triaging.load_untriaged(conn, [row.case_id for row in work])
        triaged = self.triage.triage([_complaint(case, self.pack) for case in received])
        rows = {
            case.id: placed_row(case, result, self.pack, self.due_at)
            for case, result in zip(received, triaged, strict=True)
        }
        with self.database.transaction() as conn:
            mine = outbox.finish_work(conn, work)
            return triaging.write_triaged(conn, [row for id, row in rows.items() if id in mine])


def _complaint(case: triaging.Untriaged, pack: CityPack) -> Complaint:
    return Complaint(
        text=case.text,
        channel=case.channel,
        title=case.title,
        lat=case.lat,
        lon=case.lon,
        dong=case.dong,
        address=case.address,
        menu_service=pack.menus.service(case.menu_version, case.menu_path or [], pack.services),
    )


def placed_row(
    case: triaging.Untriaged, result: Triaged, pack: CityPack, due_at: DueAt
) -> dict[str, Any]:
    """The row for `write_triaged`: a triage result and the state it leads to."""
    petition_kind = pack.petitions.kind_for(case.channel, result.kind).id
    return {
        "id": str(case.id),
        "state": state_for(result, pack),
        "service": result.service,
        "kind": result.kind,
        "urgency": URGENCIES.index(result.urgency),
        "district": result.district,
        "dong": result.dong,
        "road_class": result.road_class,
        "agency_id": result.agency,
        "department": result.department,
        "confidence": round(result.confidence, 4),
        "candidates": [[code, round(probability, 4)] for code, probability in result.services],
        "reasons": [reason.as_json() for reason in result.reasons],
        "decision": result.decision,
        "model_version": result.model_version,
        "petition_kind": petition_kind,
        "due_at": due_at(petition_kind, case.received_at, ()).isoformat(),
        "handover_due_at": _handover_due(result, case.received_at, pack),
        "embedding": "[" + ",".join(f"{value:.5g}" for value in result.embedding) + "]",
    }


def _handover_due(result: Triaged, received_at: datetime, pack: CityPack) -> str:
    """By when the desk must pass on what waits there: an hour, or eight to an outside agency; and
    by when a unit must have taken what came to it, or sent it back as misfiled.
    """
    if state_for(result, pack) == "routed":
        return handover_due_at(pack, "misfiled", received_at).isoformat()
    agency = pack.agencies.get(result.agency or "")
    outside = agency is not None and agency.kind == "external"
    return handover_due_at(pack, "to_agency" if outside else "to_unit", received_at).isoformat()


def state_for(result: Triaged, pack: CityPack) -> str:
    """`routed`, or `review` for a doubt, an unknown owner, or an owner without a queue here.

    A case for an owner outside the city waits in review, for only an officer may transfer it out.
    An emergency whose owner is in doubt waits there too, before all others.
    """
    agency = pack.agencies.get(result.agency or "")
    if result.doubtful or agency is None or agency.kind == "external":
        return "review"
    return "routed"


def bury_exhausted(database: Database, pack: CityPack, due_at: DueAt) -> int:
    """Send complaints whose triage failed too often to the review desk; returns how many."""
    with database.transaction() as conn:
        ids = outbox.take_exhausted(conn, TOPIC)
        rows = [_failed_row(case, pack, due_at) for case in triaging.load_untriaged(conn, ids)]
        return triaging.write_triaged(conn, rows)


def _failed_row(case: triaging.Untriaged, pack: CityPack, due_at: DueAt) -> dict[str, Any]:
    petition_kind = pack.petitions.default
    return {
        "id": str(case.id),
        "state": "review",
        "urgency": URGENCIES.index("normal"),
        "candidates": [],
        "reasons": [TRIAGE_FAILED],
        "decision": "review",
        "petition_kind": petition_kind,
        "due_at": due_at(petition_kind, case.received_at, ()).isoformat(),
        "handover_due_at": handover_due_at(pack, "to_unit", case.received_at).isoformat(),
    }


def requeue_orphans(database: Database) -> int:
    """Give complaints that are received but have no work waiting a new outbox row."""
    with database.transaction() as conn:
        ids: list[UUID] = triaging.list_orphans(conn, ORPHANS_AT_ONCE)
        if ids:
            _log.warning("orphans_requeued", rows=len(ids))
            triaging.requeue_orphans(conn, ids)
    return len(ids)
