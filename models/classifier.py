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
        return self.predictions(chances, words)

    def _words(
        self, folded: list[str], found: Occurrences, amounts: Array, best: NDArray[np.int64]
    ) -> list[tuple[tuple[str, float], ...]]:
        columns = self.heads["service"].first + best
        pull = self.weights[found.columns, columns[found.owners]]
        return word_weights(folded, found, amounts * pull, WORDS)

    def predictions(
        self, chances: dict[str, Array], words: Sequence[tuple[tuple[str, float], ...]] = ()
    ) -> list[Prediction]:
        """What the texts' probabilities, by head, come to; `words` are none or a text's each."""
        labels = {name: head.labels for name, head in self.heads.items()}
        service, kind, urgency = (chances[name] for name in ("service", "kind", "urgency"))
        order = np.argsort(-service, axis=1, kind="stable")[:, :TOP]
        calm = np.array([label != EMERGENCY for label in labels["urgency"]])
        columns = zip(
            order.tolist(),
            np.take_along_axis(service, order, axis=1).tolist(),
            kind.argmax(axis=1).tolist(),
            kind.max(axis=1).tolist(),
            np.where(calm, urgency, -1).argmax(axis=1).tolist(),
            self.alarm.chances(urgency, labels["urgency"]).tolist(),
            words or [()] * len(service),
            strict=True,
        )
        return [
            Prediction(
                services=tuple(zip((labels["service"][i] for i in best), shares, strict=True)),
                kind=labels["kind"][likeliest],
                kind_probability=share,
                urgency=EMERGENCY if alarm >= self.alarm.level else labels["urgency"][calmest],
                emergency_probability=alarm,
                words=heaviest,
            )
            for best, shares, likeliest, share, calmest, alarm, heaviest in columns
        ]
