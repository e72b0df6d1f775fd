"""The lines that triage is measured on are none that it was trained on."""

from __future__ import annotations

from models.complaints import DATA, read, read_all
from services.settings import ROOT

SHINGLE = 3
ALIKE = 0.6


def shingles(text: str) -> set[str]:
    letters = "".join(text.split())
    return {letters[i : i + SHINGLE] for i in range(max(1, len(letters) - SHINGLE + 1))}


def test_no_unseen_line_stands_in_the_training_lines_in_other_words() -> None:
    trained = [shingles(line.text) for line in read_all(DATA / "complaints")]
    for line in read(ROOT / "tests" / "data" / "complaints.jsonl"):
        own = shingles(line.text)
        assert all(len(own & other) < ALIKE * len(own | other) for other in trained), line.id
