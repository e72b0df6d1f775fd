"""The classifier: linear heads for service, kind and urgency over n-grams and the embedding.

Trained with scikit-learn, kept and used as plain arrays: a head's sigmoid is folded into weights
and biases, so its probabilities are the shares of one matrix product's sigmoids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import calibration
from models.alarm import EMERGENCY, Alarm
from models.grams import Grams, Occurrences, thrice, word_weights
from models.prediction import Prediction, Vectors

Array = NDArray[np.float32]

TOP = 5
"""Services named in a prediction."""

WORDS = 5
"""Words named in a prediction."""


@dataclass(frozen=True, slots=True)
class Head:
    """One question's answers: columns `first` to `first + len(labels)` of the weights."""

    labels: tuple[str, ...]
    first: int

    @property
    def columns(self) -> slice:
        """Where this head's answers stand."""
        return slice(self.first, self.first + len(self.labels))


@dataclass(frozen=True, slots=True)
class Classifier:
    """Weights of shape (n-grams + dimensions, labels of all heads), the n-grams' rows first."""

    grams: Grams
    weights: Array
    biases: Array
    heads: dict[str, Head]
    share: float
    alarm: Alarm

    @property
    def dimensions(self) -> int:
        """Width of the vectors it was trained on."""
        return len(self.weights) - len(self.grams.keys)

    def scores(self, matrix: Any, vectors: Vectors) -> Array:
        """Shape (texts, labels of all heads): a head's `shares` of them are calibrated."""
        split = len(self.grams.keys)
        own = matrix @ self.weights[:split]
        scores: Array = own + (self.share * vectors) @ self.weights[split:] + self.biases
        return scores

    def probabilities(self, texts: Sequence[str], vectors: Vectors) -> dict[str, Array]:
        """For each head the shape (texts, labels)."""
        matrix, _ = self.grams.weigh(self.grams.find([thrice(t) for t in texts]), len(texts))
        scores = self.scores(matrix, vectors)
        return {n: calibration.shares(scores[:, h.columns]) for n, h in self.heads.items()}

    def predict(self, texts: Sequence[str], vectors: Vectors) -> list[Prediction]:
        """One prediction for each text, in order."""
        if not texts:
            return []
        folded = [thrice(text) for text in texts]
        found = self.grams.find(folded)
        matrix, amounts = self.grams.weigh(found, len(texts))
        scores = self.scores(matrix, vectors)
        chances = {n: calibration.shares(scores[:, h.columns]) for n, h in self.heads.items()}
        words = self._words(folded, found, amounts, chances["service"].argmax(axis=1))
        return [
            self.prediction({name: chances[name][i] for name in chances}, words[i])
            for i in range(len(texts))
        ]

    def _words(
        self, folded: list[str], found: Occurrences, amounts: Array, best: NDArray[np.int64]
    ) -> list[tuple[tuple[str, float], ...]]:
        columns = self.heads["service"].first + best
        pull = self.weights[found.columns, columns[found.owners]]
        return word_weights(folded, found, amounts * pull, WORDS)

    def prediction(
        self, chances: dict[str, Array], words: tuple[tuple[str, float], ...] = ()
    ) -> Prediction:
        """What one text's probabilities, by head, come to."""
        labels = {name: head.labels for name, head in self.heads.items()}
        order = np.argsort(-chances["service"], kind="stable")[:TOP]
        kind = int(chances["kind"].argmax())
        emergency = float(self.alarm.chances(chances["urgency"], labels["urgency"]))
        return Prediction(
            services=tuple((labels["service"][i], float(chances["service"][i])) for i in order),
            kind=labels["kind"][kind],
            kind_probability=float(chances["kind"][kind]),
            urgency=self._urgency(chances["urgency"], emergency),
            emergency_probability=emergency,
            words=words,
        )

    def _urgency(self, chances: Array, emergency: float) -> str:
        if emergency >= self.alarm.level:
            return EMERGENCY
        labels = self.heads["urgency"].labels
        chance_of = dict(zip(labels, chances.tolist(), strict=True))
        return max((label for label in labels if label != EMERGENCY), key=chance_of.__getitem__)
