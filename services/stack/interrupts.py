"""Ctrl-C, SIGTERM and a closed terminal, turned into a question the main loop asks."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType, TracebackType


class Interrupted(Exception):
    """Somebody asked the stack to stop."""


class Interrupts:
    """Notes the signals while entered; raises only where `raising` or `check` say so.

    A child is started and recorded in several steps, which must not be torn apart.
    """

    def __init__(self) -> None:
        self._count = 0
        self._raising = False
        self._before: dict[signal.Signals, signal._HANDLER] = {}

    def __enter__(self) -> Interrupts:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN or number is signal.SIGTERM:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def asked(self) -> bool:
        return self._count > 0

    def asked_twice(self) -> bool:
        return self._count > 1

    def check(self) -> None:
        """Raise Interrupted if a signal has come."""
        if self.asked():
            raise Interrupted

    @contextlib.contextmanager
    def raising(self) -> Iterator[None]:
        """Let a signal break off the block, which holds nothing half done."""
        self._raising = True
        try:
            self.check()
            yield
        finally:
            self._raising = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._count += 1
        if self._raising and self._count == 1:
            raise Interrupted
