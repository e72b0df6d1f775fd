"""Contestants measured in turns, so that a busy minute of the machine falls on all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rounds(Generic[T]):
    """What one contestant gave: the warm-up, which counts for nothing, and each round after it."""

    warm_up: T
    counted: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One round: what was done in how many seconds, and each answer's latency, in seconds too."""

    done: int
    seconds: float
    latencies: tuple[float, ...] = ()
    failed: int = 0

    @property
    def per_second(self) -> float:
        return self.done / self.seconds


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles in milliseconds."""

    p50_ms: float
    p95_ms: float
    p99_ms: float


def alternate(rounds: int, contestants: Mapping[str, Callable[[], T]]) -> dict[str, Rounds[T]]:
    """Let all take turns: one warm-up each, then `rounds` rounds, every other in reverse order."""
    results: dict[str, list[T]] = {name: [] for name in contestants}
    order = list(contestants)
    for _ in range(rounds + 1):
        for name in order:
            results[name].append(contestants[name]())
        order.reverse()
    return {name: Rounds(found[0], tuple(found[1:])) for name, found in results.items()}


def latency(rounds: Rounds[Run]) -> Latency:
    """Each percentile's median over the rounds."""
    per_round = [np.percentile(run.latencies, (50, 95, 99)) * 1000 for run in rounds.counted]
    p50, p95, p99 = np.median(per_round, axis=0).round(3).tolist()
    return Latency(p50, p95, p99)


def rate(rounds: Rounds[Run]) -> float:
    """The median of what was done in a second."""
    return round(median(run.per_second for run in rounds.counted), 1)


def ratio(ours: Rounds[Run], theirs: Rounds[Run]) -> float:
    """The median over the rounds of our rate as a multiple of theirs in the same round."""
    pairs = zip(ours.counted, theirs.counted, strict=True)
    return round(median(one.per_second / other.per_second for one, other in pairs), 3)
