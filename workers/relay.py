"""The outbox relay: tells the workers through Redis that new work is in Postgres.

A hint carries no data and may be lost or doubled. When hints do not help, because Redis is away
or no worker answers, the relay does the waiting work itself: slower, but nobody waits for Redis.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from types import FrameType

import structlog
from kombu.exceptions import OperationalError

from services.cases.dispatch import BATCH, TOPIC
from services.errors import TriageError
from services.logs import configure
from services.notices import desk as notices
from services.outbox import store as outbox
from workers import engine
from workers.app import app, settings

IDLE_SECONDS = 0.05
ROWS_AT_ONCE = 1_000
HEARTBEAT_SECONDS = 2.0
PUBLISH_TIMEOUT_SECONDS = 2
PATIENCE_SECONDS = 8.0
"""Work due for longer than this is done here; the sweepers look every five seconds."""

NOTICE_SECONDS = 5.0
"""The relay sends for so long at a time; its hints and heartbeat come first."""

_log = structlog.get_logger()


class Relay:
    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._next_heartbeat = 0.0

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def run(self) -> None:
        app.conf.broker_transport_options["socket_timeout"] = PUBLISH_TIMEOUT_SECONDS
        while not self._stopping.is_set():
            try:
                busy = self._hint()
                self._heartbeat()
            except TriageError as error:
                _log.warning("database_away", code=error.code)
                self._stopping.wait(1.0)
                continue
            if not busy:
                self._stopping.wait(IDLE_SECONDS)

    def _hint(self) -> bool:
        """Mark new rows as hinted and send hints; a hint lost here is made up by the sweeper."""
        with engine.database().transaction() as conn:
            fresh = outbox.mark_hinted(conn, ROWS_AT_ONCE)
        for topic, rows in Counter(fresh).items():
            if topic not in app.amqp.queues:
                continue  # no worker takes it up: its rows wait
            for _ in range(-(-rows // BATCH)):
                self._publish(f"{topic}.drain")
        return bool(fresh)

    def _publish(self, task: str) -> None:
        try:
            app.send_task(task, retry=False, queue=task.partition(".")[0], expires=60)
        except (OperationalError, OSError) as error:
            _log.warning("hint_not_sent", task=task, error=type(error).__name__)

    def _heartbeat(self) -> None:
        if time.monotonic() < self._next_heartbeat:
            return
        self._next_heartbeat = time.monotonic() + HEARTBEAT_SECONDS
        with engine.database().transaction() as conn:
            outbox.beat_heart(conn, "relay")
            waiting = {row.topic: row.oldest_seconds for row in outbox.count_claimable(conn)}
        if waiting.get(TOPIC, 0.0) > PATIENCE_SECONDS:
            placed = engine.dispatcher().drain()
            _log.warning("relay_did_the_work", placed=placed)
        self._tell(waiting.get(notices.TOPIC, 0.0))

    def _tell(self, planning: float) -> None:
        """Send notices that have been due for too long, as unhurried planning shows."""
        desk = engine.notices()
        if max(planning, desk.oldest_due_seconds()) > PATIENCE_SECONDS:
            sent = desk.drain(NOTICE_SECONDS)
            _log.warning("relay_did_the_work", notices=sent)


def main() -> None:
    configure(settings.log_level)
    relay = Relay()
    signal.signal(signal.SIGTERM, relay.stop)
    signal.signal(signal.SIGINT, relay.stop)
    relay.run()


if __name__ == "__main__":
    main()
