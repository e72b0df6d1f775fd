"""How often one key may ask: a token bucket for each, in this process."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from services.access.actor import Actor
from services.errors import TriageError

BURST_SECONDS = 2.0
"""A bucket holds what comes in during this time."""
REMEMBERED = 10_000


class TooManyRequests(TriageError):
    """This key asks too often; wait as long as Retry-After says."""

    code = "too_many_requests"
    status = 429
    retry_after = 1


@dataclass(slots=True)
class Rates:
    """Requests a second for a channel's key and for any other; 0 is no limit.

    Each API process counts by itself, so that two of them let through twice as much.
    """

    channel: int
    others: int
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, actor: Actor, now: float | None = None) -> None:
        """Count a request; raises `TooManyRequests` if its key has none left."""
        rate = self.channel if actor.role == "channel" else self.others
        if not rate:
            return
        now = time.monotonic() if now is None else now
        with self._lock:
            if len(self._buckets) >= REMEMBERED:
                self._buckets.clear()
            full = rate * BURST_SECONDS
            left, since = self._buckets.get(actor.key_id, (full, now))
            left = min(full, left + (now - since) * rate)
            self._buckets[actor.key_id] = (left - 1 if left >= 1 else left, now)
        if left < 1:
            raise TooManyRequests
