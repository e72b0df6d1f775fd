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
from services.knowledge.forms import asks
from services.knowledge.index import FEATURES

FILE = "choice.json"
DOUBTS = ("always", "not_asking", "telling", "refused_meaning", "refused_letters")
"""What saying nothing is judged by, in the order of `doubts`."""
ASKING = "inquiry"

Floats = NDArray[np.float64]


class NoChoice(ConfigurationError):
    """The city pack has no knowledge/choice.json that fits: run `minwon answer --fit`."""

    code = "no_choice"


@dataclass(frozen=True, slots=True)
class Choice:
    """Weights in the order of `FEATURES` and `DOUBTS`; surer than `threshold` is said.

    `refused` are questions known to have no article: what is like them gets none either.
    `figures` tells what was measured on questions that the weights were not fitted to.
    """

    weights: tuple[float, ...]
    nothing: tuple[float, ...]
    threshold: float
    embedder: str
    refused: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)

    def probabilities(self, features: NDArray[np.float32], doubts: Floats) -> Floats:
        """Shape (articles + 1,), sum 1; the last is the probability that none is right."""
        scores = np.append(features @ np.asarray(self.weights), doubts @ np.asarray(self.nothing))
        powers = np.exp(scores - scores.max())
        return np.asarray(powers / powers.sum())


NOTHING = Choice((), (), 2.0, "")
"""What never says anything: for a pack without articles, and to fit from."""


def doubts(question: str, not_asking: float, refused: tuple[float, float]) -> Floats:
    """One value for each of `DOUBTS`: 1, the probability that the text is no inquiry, whether its
    form tells instead of asking, how near it is to what is refused by meaning and by letters.
    """
    return np.array([1.0, not_asking, float(not asks(question)), *refused])


def read_choice(knowledge: Path) -> Choice:
    """The fitted choice in the pack's folder `knowledge`; raises `NoChoice`.

    A pack without articles needs none: nothing is then said.
    """
    if not knowledge.is_dir():
        return NOTHING
    try:
        row = json.loads((knowledge / FILE).read_text(encoding="utf-8"))
        return Choice(
            weights=tuple(row["weights"][name] for name in FEATURES),
            nothing=tuple(row["nothing"][name] for name in DOUBTS),
            threshold=row["threshold"],
            embedder=row["embedder"],
            refused=tuple(row["refused"]),
            figures=row["figures"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise NoChoice from None


def write_choice(choice: Choice, knowledge: Path) -> None:
    """Write the choice with a name beside each weight."""
    row = asdict(choice) | {
        "weights": dict(zip(FEATURES, choice.weights, strict=True)),
        "nothing": dict(zip(DOUBTS, choice.nothing, strict=True)),
    }
    text = json.dumps(row, ensure_ascii=False, indent=1)
    (knowledge / FILE).write_text(text + "\n", encoding="utf-8")
