"""Every design of the comparison on a few services: more right than chance, no label lost."""

from __future__ import annotations

import numpy as np
import pytest

from models import comparison
from models.complaints import Complaint, near_copies
from models.fitting import Lines
from models.prediction import Engine

SERVICES = ("metro", "streetlight", "welfare", "water-supply")


@pytest.fixture(scope="module")
def lines(engine: Engine, rows: list[Complaint]) -> Lines:
    some = [row for row in rows if row.service in SERVICES]
    vectors = engine.embed([row.text for row in some])
    return Lines(some, vectors, near_copies(some), len(some))


@pytest.mark.parametrize("design", comparison.DESIGNS)
def test_a_design_learns(lines: Lines, design: str) -> None:
    codes = np.array([SERVICES.index(row.service) for row in lines.rows])
    asked = list(range(0, len(codes), 4))
    seen = [i for i in range(len(codes)) if i % 4]
    trial = comparison.trial_of(lines, seen, asked, codes)
    scores = comparison.DESIGNS[design](trial)
    assert scores.shape == (len(asked), len(SERVICES))
    top1, top3, loss = comparison.quality(scores, codes[asked])
    assert top1 > 0.7
    assert top3 > 0.9
    assert loss < np.log(len(SERVICES))
