"""Whole triage, or the embedder alone, in several processes, as the workers of a machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from models.engine import load as load_model
from models.prediction import Engine
from services.city import CityPack
from services.cli.offline import in_batches, triage_with
from services.triage.triage import Triage

Row = dict[str, Any]

_engine: Engine
_triage: Triage
"""What a process of ours works with; the others have none."""


@dataclass(frozen=True, slots=True)
class Workers:
    """Processes that share out batches; each job says how many items were done."""

    pool: ProcessPoolExecutor

    def triage(self, rows: Iterable[Row]) -> int:
        """Whole triage of rows {text, channel?, ...}."""
        return sum(self.pool.map(_decide, in_batches(rows)))

    def embed(self, texts: Iterable[str]) -> int:
        """The vectors of texts."""
        return sum(self.pool.map(_embed, in_batches(texts)))


@contextmanager
def workers(processes: int, pack: CityPack, model: Path, embedder: str) -> Iterator[Workers]:
    """Fresh processes, each with an engine of its own, until the block ends."""
    fresh, say = get_context("spawn"), (pack, model, embedder)
    with ProcessPoolExecutor(processes, fresh, initializer=_begin, initargs=say) as pool:
        yield Workers(pool)


def _begin(pack: CityPack, model: Path, embedder: str) -> None:
    global _engine, _triage
    _engine = load_model(model, embedder)
    _triage = Triage(pack, _engine)


def _decide(rows: Sequence[Row]) -> int:
    return len(triage_with(_triage, rows))


def _embed(texts: Sequence[str]) -> int:
    return len(_engine.embed(texts))
