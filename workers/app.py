"""The Celery application: its settings, each with its reason in docs/decisions/batch-claims.md."""

from __future__ import annotations

from celery import Celery
from kombu.entity import Queue

from services.settings import Settings

settings = Settings.from_environment()

app = Celery("minwon", broker=settings.redis_url, include=["workers.tasks"])
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    result_backend=None,
    task_queues=[Queue("triage"), Queue("sweep"), Queue("notice")],
    task_default_queue="sweep",
    task_routes={f"{queue}.*": {"queue": queue} for queue in ("triage", "sweep", "notice")},
    task_create_missing_queues=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "visibility_timeout": 300,
    },
    worker_soft_shutdown_timeout=10,
    worker_hijack_root_logger=False,
    worker_max_memory_per_child=1_500_000,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    task_time_limit=600,
    timezone="UTC",
    beat_schedule_filename="beat",
    beat_max_loop_interval=5,
)
app.conf.beat_schedule = {
    "heartbeat": {"task": "sweep.heartbeat", "schedule": 5.0, "options": {"expires": 10}},
    "stuck": {"task": "sweep.stuck", "schedule": 5.0, "options": {"expires": 10}},
    "waits": {"task": "sweep.waits", "schedule": 30.0, "options": {"expires": 30}},
    "remind": {"task": "sweep.remind", "schedule": 60.0, "options": {"expires": 60}},
    "months": {"task": "sweep.months", "schedule": 3600.0, "options": {"expires": 600}},
    "uploads": {"task": "sweep.uploads", "schedule": 3600.0, "options": {"expires": 600}},
    "anchor": {"task": "sweep.anchor", "schedule": 60.0, "options": {"expires": 60}},
    "prune": {"task": "sweep.prune", "schedule": 3600.0, "options": {"expires": 600}},
    "notices": {"task": "notice.sweep", "schedule": 5.0, "options": {"expires": 10}},
    "visual": {"task": "sweep.visual", "schedule": 60.0, "options": {"expires": 60}},
    "calls": {"task": "sweep.calls", "schedule": 30.0, "options": {"expires": 30}},
    "forget": {"task": "sweep.forget", "schedule": 3600.0, "options": {"expires": 600}},
}
