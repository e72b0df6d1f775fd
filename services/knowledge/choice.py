"""Which article answers, or none: a conditional logit with an outside option (McFadden 1974).

Every article has a score, the weighed sum of its features; so has saying nothing. The softmax over
all of them is the probability that each is right, so a question that two articles fit equally well
gets a confident answer from neither.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.errors import ConfigurationError

FILE = "choice.json"
DOUBTS = ("always", "not_asking", "length", "strange")
"""What saying nothing is judged by, in the order of `doubts`."""
ASKING = "inquiry"

Floats = NDArray[np.float64]


class NoChoice(ConfigurationError):
    """The city pack has no knowledge/choice.json that fits: run `minwon answer --fit`."""

    code = "no_choice"


@dataclass(frozen=True, slots=True)
class Choice:
    """Weights in the order of `FEATURES` and `DOUBTS`; surer than `threshold` is said.

    `figures` tells what was measured on questions that the weights were not fitted to.
    """

    weights: tuple[float, ...]
    nothing: tuple[float, ...]
    threshold: float
    embedder: str
    figures: Mapping[str, Any] = field(default_factory=dict)

    def probabilities(self, features: NDArray[np.float32], doubts: Floats) -> Floats:
        """Shape (articles + 1,), sum 1; the last is the probability that none is right."""
        scores = np.append(features @ np.asarray(self.weights), doubts @ np.asarray(self.nothing))
        powers = np.exp(scores - scores.max())
        return np.asarray(powers / powers.sum())


def doubts(question: str, kind: str, strange: float) -> Floats:
    """One value for each of `DOUBTS`: 1, whether the text asks nothing, letters on a log scale,
    the share of it that no article knows.
    """
    return np.array([1.0, float(kind != ASKING), np.log1p(len(question)) / 4, strange])


def read_choice(knowledge: Path) -> Choice:
    """The fitted choice in the pack's folder `knowledge`; raises `NoChoice`.

    A pack without articles needs none: nothing is then said.
    """
    if not knowledge.is_dir():
        return Choice((), (), 2.0, "")
    try:
        row = json.loads((knowledge / FILE).read_text(encoding="utf-8"))
        return Choice(
            weights=tuple(row["weights"].values()),
            nothing=tuple(row["nothing"].values()),
            threshold=row["threshold"],
            embedder=row["embedder"],
            figures=row["figures"],
        )
    except (OSError, ValueError, KeyError, AttributeError):
        raise NoChoice from None


def write_choice(choice: Choice, knowledge: Path, features: tuple[str, ...]) -> None:
    """Write the choice with a name beside each weight."""
    row = asdict(choice) | {
        "weights": dict(zip(features, choice.weights, strict=True)),
        "nothing": dict(zip(DOUBTS, choice.nothing, strict=True)),
    }
    text = json.dumps(row, ensure_ascii=False, indent=1)
    (knowledge / FILE).write_text(text + "\n", encoding="utf-8")
