"""Triage and embedding without a server, by the engine the workers use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
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

    Raises `InvalidField` naming the first line that cannot be read, after the lines before it.
    """
    triage = Triage(pack, load_model(model, embedder))
    for batch in in_batches(_rows(lines)):
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
    """Lists of `BATCH` items; where one cannot be read, those before it come first."""
    batch: list[T] = []
    try:
        for item in items:
            batch.append(item)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except InvalidField:
        yield batch
        raise
    if batch:
        yield batch


def _rows(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            yield _row(number, line)
    except UnicodeDecodeError:
        raise InvalidField(f"the text after line {number} is not UTF-8") from None


def _row(number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        raise InvalidField(f"line {number} is not JSON") from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise InvalidField(f"line {number} is not an object with a text")
    if row.get("channel") not in (None, "voice", "visual_ars", "web"):
        raise InvalidField(f"line {number} has a channel that does not exist")
    location = row.get("location") or {}
    if not isinstance(location, dict):
        raise InvalidField(f"line {number} has a location that is not an object")
    if any(not isinstance(location.get(axis), int | float | None) for axis in ("lat", "lon")):
        raise InvalidField(f"line {number} has coordinates that are not numbers")
    words = (row.get("title"), location.get("dong"), location.get("address"))
    if any(not isinstance(word, str | None) for word in words):
        raise InvalidField(f"line {number} has a title, dong or address that is not text")
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
