"""The command lines of the service's own processes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from services.settings import ROOT
from services.stack.processes import Program

API_PROCESSES = 2
SOFT_SHUTDOWN_S = 12.0


def programs(
    host: str, port: int, workers: int, run: Path, env: Mapping[str, str]
) -> list[Program]:
    """Return worker, relay, beat and api, in the order to start them.

    `workers` is the number of processes that triage; `run` takes beat's schedule.
    """
    celery = ("celery", "-A", "workers.app")
    return [
        _python(
            "worker",
            (
                *(*celery, "worker", "--concurrency", str(workers), "-Q", "triage,sweep,notice"),
                *("--without-mingle", "--without-gossip", "--loglevel", "WARNING"),
            ),
            env,
        ),
        _python("relay", ("workers.relay",), env),
        _python("beat", (*celery, "beat", "--schedule", str(run / "beat")), env),
        _python(
            "api",
            (
                *("uvicorn", "services.web.app:create_app", "--factory", "--no-access-log"),
                *("--host", host, "--port", str(port), "--workers", str(API_PROCESSES)),
            ),
            env,
        ),
    ]


def _python(name: str, arguments: tuple[str, ...], env: Mapping[str, str]) -> Program:
    return Program(
        name=name,
        argv=(str(Path(sys.executable).absolute()), "-m", *arguments),
        env=env,
        folder=ROOT,
        patience_s=SOFT_SHUTDOWN_S,
    )
