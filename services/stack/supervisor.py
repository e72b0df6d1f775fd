"""Keep children running: start in order, restart what dies, stop in the opposite order."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.stack.orphans import record
from services.stack.processes import Child, Program

STEADY_S = 10.0
"""A child that lived this long has its earlier deaths forgotten."""

LONGEST_DELAY_S = 5.0


def delay_s(deaths: int) -> float:
    """Return how long to wait before the next start: the first at once, then 0.5 s, doubling."""
    return 0.0 if deaths <= 1 else min(LONGEST_DELAY_S, 0.5 * 2.0 ** min(deaths - 2, 10))


@dataclass(slots=True)
class _Kept:
    program: Program
    child: Child | None
    moment: float  # when it was started, or, without a child, when to start it again
    deaths: int = 0


class Supervisor:
    """Runs programs; not for use from several threads.

    Their outputs go to `logs`/NAME.log, the record of who runs to `register`, news to `say`.
    """

    def __init__(self, logs: Path, register: Path, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._register = register
        self._say = say
        self._kept: dict[str, _Kept] = {}

    def start(self, program: Program) -> None:
        """Start `program` and keep it running."""
        self._kept[program.name] = _Kept(program, self._spawn(program), time.monotonic())
        self._record()

    def tend(self) -> None:
        """Start again what has died, when its time has come; call every tenth of a second or so."""
        for name, kept in self._kept.items():
            if kept.child is not None and (code := kept.child.died()) is not None:
                self._bury(name, kept, code)
            if kept.child is None and time.monotonic() >= kept.moment:
                self._start_again(name, kept)

    def deaths(self, name: str) -> int:
        """Return how often the program has died in a row."""
        return self._kept[name].deaths

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> None:
        """Stop all, the last started first; once `hurry()`, with hardly any patience."""
        for name, kept in reversed(self._kept.items()):
            if kept.child is not None:
                self._say(f"{name}: stopping")
                kept.child.stop(hurry)
        self._kept.clear()
        self._register.unlink(missing_ok=True)

    def _start_again(self, name: str, kept: _Kept) -> None:
        """A full disk must not take the rest down: try later."""
        try:
            kept.child = self._spawn(kept.program)
            self._record()
        except OSError as error:
            self._say(f"{name}: {error.strerror}")
            kept.deaths += kept.child is None
        kept.moment = time.monotonic() + (delay_s(kept.deaths) if kept.child is None else 0.0)

    def _spawn(self, program: Program) -> Child:
        return Child(program, self.log(program.name))

    def _bury(self, name: str, kept: _Kept, code: int) -> None:
        steady = time.monotonic() - kept.moment > STEADY_S
        kept.deaths = 1 if steady else kept.deaths + 1
        wait = delay_s(kept.deaths)
        kept.child, kept.moment = None, time.monotonic() + wait
        cause = signal.Signals(-code).name if code < 0 else f"exit {code}"
        self._say(f"{name}: ended ({cause}), starting again in {wait:g} s; see {self.log(name)}")

    def _record(self) -> None:
        children = (kept.child for kept in self._kept.values())
        record(self._register, [child for child in children if child is not None])
