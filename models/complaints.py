"""Labelled complaints: reading them, and the frozen split that keeps near-copies together.

Labels of petition titles stand without their texts, which are not part of the repository: a line
names the line of the corpus' file, and the start of its text's sha256.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import corpora
from models.errors import ModelError

DATA = Path(__file__).resolve().parent / "data"
"""The shipped training set: `complaints/*.jsonl`, `titles/learned.jsonl` and `dev_ids.txt`."""

BLOCK = 2_000
"""Rows compared with all at a time: 37,000 at once would fill 13 GB."""

TITLES = "titles"
"""The folder of labelled titles, and the family that they are."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One labelled line. `district` and `road_class` are None where the text does not decide."""

    id: str
    text: str
    channel: str
    service: str
    kind: str
    urgency: str
    district: str | None = None
    road_class: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one more reader made of a line, from its text alone."""

    service: str
    kind: str
    urgency: str
    district: str | None


def read(file: Path) -> list[Complaint]:
    """The lines of one JSON-lines file; raise `ModelError` naming the line that is wrong."""
    rows = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            rows.append(_row(json.loads(line), f"{file.stem}-{number:04d}"))
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{file.name}, line {number}: {type(error).__name__}") from None
    return rows


def read_all(folder: Path) -> list[Complaint]:
    """Every `*.jsonl` in `folder`, files in order of their names; ids must be unique."""
    rows = [row for file in sorted(folder.glob("*.jsonl")) for row in read(file)]
    if not rows:
        raise ModelError(f"{folder.name}: no labelled complaints")
    if len({row.id for row in rows}) != len(rows):
        raise ModelError(f"{folder.name}: an id stands twice")
    return rows


def titles(file: Path, corpora_folder: Path) -> list[Complaint]:
    """Petition titles with the labels in `file`; none where the file or the corpus is not there.

    Raises `ModelError` for a line that is no label, or whose line of the corpus is another text.
    """
    texts = corpora.petition_titles(corpora_folder)
    if not texts or not file.exists():
        return []
    rows = []
    for number, label in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            rows.append(_title(json.loads(label), texts))
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{file.name}, line {number}: {type(error).__name__}") from None
    return rows


def readings(file: Path) -> dict[str, Reading]:
    """By a line's id what a second reader said of it; none where there is no such file.

    Raises `ModelError` naming the line that is wrong.
    """
    if not file.exists():
        return {}
    found = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            said = json.loads(line)
            id = _string(said.pop("id"))
            if id in found:
                raise ValueError
            found[id] = Reading(**said)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{file.name}, line {number}: {type(error).__name__}") from None
    return found


def title_key(text: str) -> str:
    """The start of a title's sha256: enough to see that it is the one labelled."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def dev_ids(data: Path = DATA) -> frozenset[str]:
    """The ids held out for measuring; `near` finds what must not be learned from meanwhile."""
    return frozenset((data / "dev_ids.txt").read_text(encoding="utf-8").split())


def near(rows: Sequence[Complaint], groups: Sequence[int], held_out: frozenset[str]) -> list[bool]:
    """For each row whether it is held out or a near-copy of a row that is."""
    aside = {group for row, group in zip(rows, groups, strict=True) if row.id in held_out}
    return [group in aside for group in groups]


def source(row: Complaint) -> str:
    """The file a shipped line came from: its id without the number."""
    return row.id.rpartition("-")[0]


def family(row: Complaint) -> str:
    """The first word of a line's file: files of one family were written to one end."""
    return source(row).partition("_")[0]


def hard(row: Complaint) -> bool:
    """Whether a line was written to be hard: told indirectly, or close to another service."""
    return family(row) == "hard"


def near_copies(rows: Sequence[Complaint], similarity: float = 0.35) -> list[int]:
    """A group number for each row; rows linked by TF-IDF cosine >= `similarity` share one.

    Similarity is over character 2-4-grams, so two lines written from one template fall together.
    """
    from scipy.sparse import vstack
    from scipy.sparse.csgraph import connected_components
    from sklearn.feature_extraction.text import TfidfVectorizer

    grams = TfidfVectorizer(analyzer="char", ngram_range=(2, 4), sublinear_tf=True, min_df=2)
    matrix = grams.fit_transform(row.text for row in rows)
    others, parts = matrix.T.tocsr(), []
    for first in range(0, len(rows), BLOCK):
        likeness = matrix[first : first + BLOCK] @ others
        likeness.data[likeness.data < similarity] = 0
        likeness.eliminate_zeros()
        parts.append(likeness)
    return [int(group) for group in connected_components(vstack(parts), directed=False)[1]]


def _row(value: object, default_id: str) -> Complaint:
    if not isinstance(value, dict):
        raise TypeError
    return Complaint(
        id=str(value.get("id", default_id)),
        text=_string(value["text"]),
        channel=_string(value.get("channel", "web")),
        service=_string(value["service"]),
        kind=_string(value["kind"]),
        urgency=_string(value["urgency"]),
        district=_place(value.get("district")),
        road_class=_place(value.get("road_class")),
    )


def _title(label: dict[str, Any], texts: Mapping[int, str]) -> Complaint:
    line, service, kind = int(label["line"]), _string(label["service"]), _string(label["kind"])
    if title_key(text := texts.get(line, "")) != label["sha256"]:
        raise ModelError(f"line {line} of the petition titles is not the text that was labelled")
    return Complaint(f"{TITLES}-{line:06d}", text, "web", service, kind, "normal")


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _place(value: object) -> str | None:
    return None if value is None else _string(value)
