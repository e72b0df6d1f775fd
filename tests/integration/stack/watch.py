"""What tests ask about processes, with a limit on the time they wait."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from services.stack.orphans import MARK
from services.stack.supervisor import Supervisor

LIMIT_S = 30.0


def until(true: Callable[[], bool]) -> None:
    """Wait for `true()`; fail after 30 s."""
    deadline = time.monotonic() + LIMIT_S
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def until_dead(supervisor: Supervisor, name: str) -> None:
    """Tend until the program has died and been started again."""

    def restarted() -> bool:
        supervisor.tend()
        return supervisor.deaths(name) == 1

    until(restarted)


def running_on(folder: Path) -> list[int]:
    """Return the numbers of living processes that work on `folder`, 5 s after all were to end."""
    deadline = time.monotonic() + 5
    while (found := _on(str(folder))) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def alive(number: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    return False


def _on(folder: str) -> list[int]:
    return [process.pid for process in psutil.process_iter() if _works_on(process, folder)]


def _works_on(process: psutil.Process, folder: str) -> bool:
    with contextlib.suppress(psutil.Error, OSError):
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        marks = (process.cwd(), " ".join(process.cmdline()), process.environ().get(MARK, ""))
        return any(folder in mark for mark in marks)
    return False
