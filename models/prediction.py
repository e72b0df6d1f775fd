"""What the models tell the rest of the house: a prediction for each text, the engine's shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (texts, dimensions), each row of unit length."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """One text's service, kind and urgency. Probabilities are calibrated, in 0..1."""

    services: tuple[tuple[str, float], ...]
    """The five likeliest service codes with their probabilities, best first."""
    kind: str
    kind_probability: float
    urgency: str
    emergency_probability: float
    words: tuple[tuple[str, float], ...] = ()
    """Pieces of the text that weighed most for the first service, heaviest first."""


class Engine(Protocol):
    """Embeds and classifies texts in batches; safe to use from one thread at a time."""

    @property
    def version(self) -> str:
        """Names the artifact: stored with every decision it made."""

    @property
    def dimensions(self) -> int:
        """Width of the vectors that `embed` returns."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One unit vector for each text, in order; `[]` gives shape (0, dimensions)."""

    def predict(
        self, texts: Sequence[str], channels: Sequence[str], vectors: Vectors
    ) -> list[Prediction]:
        """One prediction for each text; `vectors` are what `embed` gave for the same texts."""
