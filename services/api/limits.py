"""Counts failed attempts at a secret, in this process."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from services.errors import TriageError

WINDOW_SECONDS = 60.0
ALLOWED = 10
REMEMBERED = 10_000


class TooManyAttempts(TriageError):
    """Too many attempts; wait a minute and try again."""

    code = "too_many_requests"
    status = 429
    retry_after = 60


@dataclass(slots=True)
class Attempts:
    """At most ten failures a minute for each name."""

    _failures: dict[str, list[float]] = field(default_factory=dict)

    def check(self, name: str) -> None:
        """Raise `TooManyAttempts` if `name` has used up its failures."""
        if len(self._recent(name)) >= ALLOWED:
            raise TooManyAttempts

    def failed(self, name: str) -> None:
        """Remember a failure of `name`; of too many names the one that failed longest ago goes."""
        recent = self._recent(name)
        self._failures.pop(name, None)
        if len(self._failures) >= REMEMBERED:
            del self._failures[next(iter(self._failures))]
        self._failures[name] = [*recent, time.monotonic()]

    def _recent(self, name: str) -> list[float]:
        since = time.monotonic() - WINDOW_SECONDS
        return [moment for moment in self._failures.get(name, []) if moment > since]
