"""The lines that triage is measured on are none that it was trained on."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from models.complaints import DATA, Complaint, read, read_all
from services.settings import ROOT

SHINGLE = 3
ALIKE = 0.6
FILES = [ROOT / "tests" / "data" / "complaints.jsonl", *sorted((DATA / "unseen").glob("*.jsonl"))]


def shingles(text: str) -> set[str]:
    letters = "".join(text.split())
    return {letters[i : i + SHINGLE] for i in range(max(1, len(letters) - SHINGLE + 1))}


class Trained:
    """The training lines by their shingles, so that only lines that share one are compared."""

    def __init__(self, lines: list[Complaint]) -> None:
        self.lines = [shingles(line.text) for line in lines]
        self.holding: dict[str, list[int]] = defaultdict(list)
        for number, line in enumerate(self.lines):
            for shingle in line:
                self.holding[shingle].append(number)

    def nearest(self, text: str) -> float:
        """The highest share of shingles that a training line has in common with `text`, 0 to 1."""
        own = shingles(text)
        shared = Counter(number for shingle in own for number in self.holding.get(shingle, ()))
        alike = (n / (len(own) + len(self.lines[number]) - n) for number, n in shared.items())
        return max(alike, default=0.0)


@pytest.fixture(scope="module")
def trained() -> Trained:
    return Trained(read_all(DATA / "complaints"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_unseen_line_stands_in_the_training_lines_in_other_words(
    trained: Trained, file: Path
) -> None:
    near = [line.id for line in read(file) if trained.nearest(line.text) >= ALIKE]
    assert not near


def test_a_line_in_other_words_is_found(trained: Trained) -> None:
    line = read_all(DATA / "complaints")[0].text
    assert trained.nearest(line) == 1.0
    assert trained.nearest(f"{line} 네") >= ALIKE
