"""Celery tasks. Each may be lost, doubled or late without harm: Postgres knows what is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from celery.signals import beat_init, setup_logging, worker_process_init

from services.access import chain, pruning, sessions
from services.access.anchors import append_anchor
from services.cases import dispatch, sweeping
from services.cases.presence.store import forget_presences
from services.cases.reminders import rounds
from services.cases.search.store import index_missing
from services.dialogue import dropped
from services.intake import attachments
from services.intake.storage import Storage
from services.intake.store import forget_intake_keys
from services.knowledge.gaps import forget_gaps
from services.logs import configure
from services.outbox import store as outbox
from services.visual import store as visual
from workers import engine
from workers.app import app, settings

GAP_KEPT = timedelta(days=180)
"""How long a question in vain is kept after it was last asked."""


@setup_logging.connect
def _log_as_json(**_: Any) -> None:
    configure(settings.log_level)


@beat_init.connect
def _show_beat(**_: Any) -> None:
    """Say at once that beat is up; the schedule's own first heartbeat comes seconds later."""
    heartbeat.delay()


@worker_process_init.connect
def _load_model(**_: Any) -> None:
    """Load the model after the fork, before the first task."""
    engine.dispatcher()


@app.task(name="triage.drain")
def drain() -> None:
    """Place all complaints that are due."""
    engine.dispatcher().drain()


@app.task(name="sweep.stuck")
def stuck() -> None:
    """Find what a crash left behind: exhausted work, lost work, work that nobody was told of."""
    held = engine.dispatcher()
    with held.database.transaction() as conn:
        if not outbox.begin_job(conn, "stuck", 5):
            return
    dispatch.bury_exhausted(held.database, held.pack, held.due_at)
    dispatch.requeue_orphans(held.database)
    held.drain()


@app.task(name="notice.drain")
def tell() -> None:
    """Plan and send all notices that are due."""
    engine.notices().drain()


@app.task(name="notice.sweep")
def sweep_notices() -> None:
    """Give up what is exhausted, send what is due without a hint, close what was delivered."""
    held = engine.notices()
    with held.database.transaction() as conn:
        if not outbox.begin_job(conn, "notices", 5):
            return
    held.sweep()
    held.drain()


@app.task(name="sweep.forget")
def forget() -> None:
    """Drop replay keys and job runs past their time."""
    with engine.database().transaction() as conn:
        if outbox.begin_job(conn, "forget", 3600):
            forget_intake_keys(conn)
            visual.forget_old(conn)
            forget_gaps(conn, datetime.now(UTC) - GAP_KEPT)
            outbox.forget_old_runs(conn)
            forget_presences(conn)
            sessions.forget_ended(conn)


@app.task(name="sweep.anchor")
def anchor() -> None:
    """Keep the audit log's tail outside the database."""
    path = settings.access.audit_anchor
    if path is None:
        return
    with engine.database().transaction() as conn:
        if outbox.begin_job(conn, "anchor", 60):
            append_anchor(path, chain.find_head(conn), datetime.now(UTC))


@app.task(name="sweep.prune")
def prune() -> None:
    """Once a day, remove what the audit log has kept for two years."""
    with engine.database().transaction() as conn:
        if not outbox.begin_job(conn, "prune", 86_400):
            return
    pruning.prune(engine.database())


@app.task(name="sweep.remind")
def remind() -> None:
    """Tell of deadlines that come near or have passed, and of hand-overs that are late."""
    with engine.database().transaction() as conn:
        if not outbox.begin_job(conn, "remind", 60):
            return
    moment = datetime.now(UTC)
    rounds.remind(engine.database(), engine.dispatcher().pack, moment)
    rounds.tell_late_handovers(engine.database(), moment)


@app.task(name="sweep.months")
def months() -> None:
    """Tell of progress every thirty days, keep last month's list, index what is not findable."""
    with engine.database().transaction() as conn:
        if not outbox.begin_job(conn, "months", 3600):
            return
    pack, moment = engine.dispatcher().pack, datetime.now(UTC)
    rounds.tell_progress(engine.database(), pack, moment)
    rounds.close_month(engine.database(), pack, moment)
    index_missing(engine.database())


@app.task(name="sweep.uploads")
def uploads() -> None:
    """Remove files that no complaint named."""
    with engine.database().transaction() as conn:
        if not outbox.begin_job(conn, "uploads", 3600):
            return
    attachments.sweep(engine.database(), Storage(settings.storage))


@app.task(name="sweep.visual")
def visual_sessions() -> None:
    """Close callers' pages whose time is up; file what they held."""
    with engine.database().transaction() as conn:
        if not outbox.begin_job(conn, "visual", 60):
            return
    engine.visual_sweeper().close_expired(datetime.now(UTC))


@app.task(name="sweep.calls")
def calls() -> None:
    """End calls whose line dropped without a word, and file what was said in them."""
    with engine.database().transaction() as conn:
        if not outbox.begin_job(conn, "calls", 30):
            return
    dropped.end_dropped(settings, engine.dispatcher().pack)


@app.task(name="sweep.heartbeat")
def heartbeat(process: str = "beat") -> None:
    """Show that whoever sent this lives, and that a worker with its model loaded does."""
    with engine.dispatcher().database.transaction() as conn:
        outbox.beat_heart(conn, process)
        outbox.beat_heart(conn, "worker")


@app.task(name="sweep.waits")
def waits() -> None:
    """End waits that are over; close answered cases that no notice closes."""
    held = engine.dispatcher()
    with held.database.transaction() as conn:
        if not outbox.begin_job(conn, "waits", 30):
            return
    sweeping.end_waits(held.database, held.pack, held.due_at)
    sweeping.close_answered(held.database, held.pack, held.due_at)
