"""Whole triage in several processes at once, as the workers of one machine do it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from models.engine import load as load_model
from services.city import CityPack
from services.cli.offline import in_batches, triage_with
from services.triage.triage import Triage

Row = dict[str, Any]

_triage: Triage
"""The one that a process of ours works with; the others have none."""


@contextmanager
def workers(
    processes: int, pack: CityPack, model: Path, embedder: str
) -> Iterator[Callable[[Iterable[Row]], int]]:
    """Processes that share out batches of rows {text, channel?, ...}; says how many were done."""
    fresh, say = get_context("spawn"), (pack, model, embedder)
    with ProcessPoolExecutor(processes, fresh, initializer=_begin, initargs=say) as pool:
        yield lambda rows: sum(pool.map(_work, in_batches(rows)))


def _begin(pack: CityPack, model: Path, embedder: str) -> None:
    global _triage
    _triage = Triage(pack, load_model(model, embedder))


def _work(rows: Sequence[Row]) -> int:
    return len(triage_with(_triage, rows))
