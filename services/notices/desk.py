"""The notice desk: plans what events call for, sends what is due, gives up visibly, closes cases.

A notice is claimed under a lease and a fence like all work here, sent outside of any transaction,
and marked after. A worker that dies in between leaves it to be sent again under the same id, which
is the Message-ID of a mail and the webhook-id of a webhook: at least once, and to be told apart.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from services.access.actor import person_id
from services.access.staff import desk_people, managers_of, supervisors_of
from services.access.staff import find as find_person
from services.cases.clock import DueAt
from services.cases.situation import SYSTEM, Situation
from services.cases.sweeping import close_delivered
from services.database import Connection, Database
from services.errors import NotFound, TriageError
from services.notices import store
from services.notices.notice import MAX_ATTEMPTS, RESULT, Happening, Letter, Sent, retry_delay
from services.notices.plan import STAFF, plan
from services.notices.posting import GONE
from services.notices.senders import Senders
from services.outbox import store as outbox

TOPIC: Final = "notice"
EVENTS_AT_ONCE: Final = 256
SENT_AT_ONCE: Final = 16
BUDGET_SECONDS: Final = 20.0
"""After which a drain ends, so that a slow receiver does not keep a worker from triage."""
RETRY_SECONDS: Final = 2.0
REVIVED_AFTER_SECONDS: Final = 3600.0
"""Planning that was given up is tried again so often: what stood in its way may be mended."""
CLOSED_AT_ONCE: Final = 200
ENDPOINT_PATIENCE_SECONDS: Final = 5 * 86_400.0
"""An endpoint that has only failed for so long is switched off (Standard Webhooks advises days)."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class NoticeDesk:
    database: Database
    senders: Senders
    due_at: DueAt

    def drain(self, budget_seconds: float = BUDGET_SECONDS) -> int:
        """Plan all that happened, then send what is due; returns how many notices were tried."""
        until = time.monotonic() + budget_seconds
        while time.monotonic() < until and self._plan_some():
            pass
        tried = 0
        while time.monotonic() < until and (batch := self._claim()):
            asyncio.run(self._send_all(batch))
            tried += len(batch)
        return tried

    def sweep(self) -> None:
        """What a crash left behind: planning out of attempts, dead notices, cases to be closed."""
        with self.database.transaction() as conn:
            outbox.revive_dead(conn, TOPIC, REVIVED_AFTER_SECONDS)
            exhausted = outbox.take_exhausted(conn, TOPIC)
            buried = store.bury_notices(conn)
            closable = store.list_closable(conn, CLOSED_AT_ONCE)
        if exhausted or buried:
            _log.error("notices_given_up", planning=len(exhausted), sending=buried)
        for case_id in closable:
            self._close(case_id)

    def oldest_due_seconds(self) -> float:
        with self.database.transaction() as conn:
            return store.oldest_due_seconds(conn)

    def _plan_some(self) -> bool:
        """Plan a batch, or after a failure one case alone; True if there may be more."""
        with self.database.transaction() as conn:
            claims = [
                outbox.claim_fresh(conn, TOPIC, EVENTS_AT_ONCE),
                outbox.claim_again(conn, TOPIC),
            ]
        for work in filter(None, claims):
            try:
                with self.database.transaction() as conn:
                    self._plan(conn, list(outbox.finish_work(conn, work)))
            except Exception as error:
                _log.exception("planning_failed", rows=len(work), error=type(error).__name__)
                delay = RETRY_SECONDS * work[0].attempts
                with self.database.transaction() as conn:
                    outbox.put_back_work(conn, work, type(error).__name__, delay)
        return any(claims)

    def _plan(self, conn: Connection, case_ids: list[UUID]) -> None:
        happenings = store.take_events(conn, case_ids)
        agencies = {agency for event in happenings for agency, _ in event.agencies}
        endpoints = store.list_listeners(conn, agencies)
        staff = {
            event.id: people_to_tell(conn, event) for event in happenings if event.action in STAFF
        }
        planned = plan(happenings, endpoints, staff)
        store.add_notices(conn, [(uuid7(), notice) for notice in planned])

    def _claim(self) -> list[Letter]:
        with self.database.transaction() as conn:
            return store.claim_notices(conn, SENT_AT_ONCE)

    async def _send_all(self, letters: Sequence[Letter]) -> None:
        await asyncio.gather(*(self._send(letter) for letter in letters))

    async def _send(self, letter: Letter) -> None:
        begun = time.monotonic()
        try:
            staff = await asyncio.to_thread(self._staff_address, letter)
            sent = await self.senders.send(letter, staff, datetime.now(UTC))
        except Exception as error:
            _log.exception("notice_failed", notice=str(letter.id), error=type(error).__name__)
            sent = Sent("waiting", type(error).__name__)
        milliseconds = int((time.monotonic() - begun) * 1000)
        await asyncio.to_thread(self._settle, letter, sent, milliseconds)

    def _staff_address(self, letter: Letter) -> tuple[str, str] | None:
        if letter.audience != "staff":
            return None
        with self.database.transaction() as conn:
            person = find_person(conn, UUID(letter.recipient))
        return (person.email or "") if person.active else "", person.language

    def _settle(self, letter: Letter, sent: Sent, duration_ms: int) -> None:
        if sent.state == "waiting" and letter.attempts >= MAX_ATTEMPTS:
            sent = Sent("dead", sent.error, sent.status)
        delay = retry_delay(letter.attempts, random.random())  # noqa: S311 - spreads retries
        with self.database.transaction() as conn:
            mine = store.settle_notice(conn, letter, sent, delay, duration_ms)
            if letter.channel == "webhook":
                self._note_endpoint(conn, letter, sent)
        if sent.state == "dead":
            _log.error("notice_dead", notice=str(letter.id), error=sent.error)
        if mine and sent.state == "delivered" and letter.template == RESULT and letter.case_id:
            self._close(letter.case_id)

    def _close(self, case_id: UUID) -> None:
        """Close an answered case whose citizen was told; the sweep makes up for what fails here."""
        at = Situation(SYSTEM, datetime.now(UTC), self.senders.wording.pack, self.due_at)
        try:
            with self.database.transaction() as conn:
                close_delivered(conn, case_id, at)
        except TriageError as error:
            _log.warning("case_not_closed", case=str(case_id), code=error.code)

    def _note_endpoint(self, conn: Connection, letter: Letter, sent: Sent) -> None:
        if sent.state == "delivered":
            store.note_endpoint_works(conn, letter.recipient)
        elif sent.state in ("waiting", "dead"):
            gone = sent.status == GONE
            state = store.note_endpoint_fails(
                conn, letter.recipient, ENDPOINT_PATIENCE_SECONDS, gone=gone
            )
            if state == "failed":
                _log.error("webhook_endpoint_failed", endpoint=letter.recipient)


def people_to_tell(conn: Connection, event: Happening) -> list[str]:
    """Staff ids: whoever works on the case hears that it is due soon, else the managers do.

    Managers hear what is overdue, and supervisors too once it is escalated. A handler whose account
    is switched off hears nothing more. What is not passed on in time is told to whoever should: the
    desk, a supervisor, or the unit's managers.
    """
    if event.to_state in ("review", "reroute_requested") and event.action == "handover_late":
        return [str(one.id) for one in desk_people(conn)]
    if event.to_state == "arbitration" and event.action == "handover_late":
        return [str(one.id) for one in supervisors_of(conn, event.agency_id)]
    if event.agency_id is None:
        return []
    handler = person_id(event.assignee or "")
    if event.action == "due_soon" and handler is not None:
        try:
            one = find_person(conn, handler)
        except NotFound:
            one = None
        if one is not None and one.active:
            return [str(one.id)]
    people = managers_of(conn, event.agency_id, event.department)
    if event.action == "escalated":
        people = [*people, *supervisors_of(conn, event.agency_id)]
    return [str(one.id) for one in people]
