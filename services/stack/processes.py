"""One child process: how it is started, watched and ended, with its whole process group."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import psutil

LAUNCHER = Path(__file__).with_name("launch.py")
LOG_BYTES = 5_000_000
"""A log over this size is put aside as NAME.log.1 at the child's next start."""

HURRIED_S = 1.0


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `argv[0]` is an absolute path; `identity` as `services.stack.launch` says.

    `stop_signal` asks it to end, also when we die; after `patience_s` seconds its group is killed.
    `before_start` clears what an earlier, killed one left behind.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    folder: Path
    identity: str = "-"
    stop_signal: signal.Signals = signal.SIGTERM
    patience_s: float = 5.0
    before_start: Callable[[], None] = field(default=_nothing)


class Child:
    """A running program, leader of its own session and process group."""

    def __init__(self, program: Program, log: Path) -> None:
        """Start `program` with both outputs appended to `log`; raise OSError if it cannot be."""
        program.before_start()
        self.program = program
        with _append(log) as output:
            self._process = subprocess.Popen(
                launch_command(program),
                cwd=program.folder,
                env=dict(program.env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def died(self) -> int | None:
        """Return None while it runs; once dead, kill what is left of its group, give the code.

        The group is killed before the leader is reaped: until then its number is ours alone.
        """
        if self._process.returncode is None:
            if not self._ended():
                return None
            self._kill_group()
        return self._process.wait()

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> int:
        """Ask the leader, which ends its own children in order; wait; kill what is left.

        Returns the exit code. Once `hurry()` the wait is `HURRIED_S` at most.
        """
        if self.died() is None:
            self._process.send_signal(self.program.stop_signal)
        asked = time.monotonic()
        while self.died() is None:
            patience = min(self.program.patience_s, HURRIED_S if hurry() else math.inf)
            if time.monotonic() - asked > patience:
                self._kill_group()
                break
            time.sleep(0.01)
        return self._process.wait()

    def _ended(self) -> bool:
        if sys.platform == "darwin":  # has no waitid before Python 3.13
            return self._process.poll() is not None
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        try:
            return os.waitid(os.P_PID, self.pid, options) is not None
        except ChildProcessError:  # our own caller ignores SIGCHLD, and so do we
            return True

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def await_end(processes: Iterable[psutil.Process], patience_s: float) -> list[psutil.Process]:
    """Wait until all have ended, and return those that have not after `patience_s` seconds.

    A zombie has ended: orphans may fall to a parent that never reaps them.
    """
    deadline = time.monotonic() + patience_s
    while (left := [process for process in processes if _runs(process)]) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.01)
    return left


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def launch_command(program: Program) -> list[str]:
    """Return the command line that turns into `program` by way of the launcher."""
    return [
        sys.executable, "-I", "-S", str(LAUNCHER),
        str(os.getpid()), str(int(program.stop_signal)), program.identity, *program.argv,
    ]  # fmt: skip


def _append(log: Path) -> BinaryIO:
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_name(log.name + ".1"))
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")
