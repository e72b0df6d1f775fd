"""Triage and embedding without a server, by the engine the workers use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np

from models.engine import load as load_model
from services.city import CityPack
from services.errors import InvalidField
from services.intake.masking import mask
from services.intake.normalise import normalise
from services.triage.triage import Complaint, Triage, Triaged, to_json

BATCH = 256
T = TypeVar("T")


def triage_lines(lines: Iterable[str], pack: CityPack, model: Path, embedder: str) -> Iterator[str]:
    """One JSON line for each line of {text, channel?, id?, ...}, in order; an id is passed on.

    Raises `InvalidField` naming the first line that cannot be read.
    """
    triage = Triage(pack, load_model(model, embedder))
    rows = (_row(number, line) for number, line in enumerate(lines, 1))
    for batch in in_batches(rows):
        results = triage.triage([_from_row(row) for row in batch])
        for row, result in zip(batch, results, strict=True):
            id = {"id": row["id"]} if "id" in row else {}
            yield json.dumps({**id, **to_json(result)}, ensure_ascii=False)


def triage_rows(
    rows: Iterable[dict[str, Any]], pack: CityPack, model: Path, embedder: str
) -> list[Triaged]:
    """Triage of labelled rows, for evaluation."""
    return triage_with(Triage(pack, load_model(model, embedder)), rows)


def triage_with(triage: Triage, rows: Iterable[dict[str, Any]]) -> list[Triaged]:
    """Normalise, mask and triage rows {text, channel?, ...} in batches of `BATCH`."""
    complaints = (_from_row(row) for row in rows)
    return [result for batch in in_batches(complaints) for result in triage.triage(batch)]


def embed_lines(lines: Iterable[str], target: IO[bytes], model: Path, embedder: str) -> None:
    """Write a .npy of float32, shape (lines, dimensions)."""
    engine = load_model(model, embedder)
    texts = (normalise(line) for line in lines)
    blocks = [engine.embed(batch) for batch in in_batches(texts)]
    empty = np.zeros((0, engine.dimensions), dtype=np.float32)
    np.save(target, np.concatenate([empty, *blocks]), allow_pickle=False)


def in_batches(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _row(number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        raise InvalidField(f"line {number} is not JSON") from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise InvalidField(f"line {number} is not an object with a text")
    if row.get("channel") not in (None, "voice", "visual_ars", "web"):
        raise InvalidField(f"line {number} has a channel that does not exist")
    return row


def _from_row(row: dict[str, Any]) -> Complaint:
    location = row.get("location") or {}
    return Complaint(
        text=mask(normalise(row["text"])).text,
        channel=row.get("channel") or "web",
        title=row.get("title"),
        lat=location.get("lat"),
        lon=location.get("lon"),
        dong=location.get("dong"),
        address=location.get("address"),
    )
