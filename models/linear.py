"""Linear machines: a support vector machine, softmax regression, and the sum of both.

Rare labels weigh as much as common ones in each, or emergencies would go unheard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Codes = NDArray[np.int64]

PENALTY = 0.5
"""The SVM's C, chosen on the dev split."""

REGRESSION_PENALTY = 10.0
"""The regression's C."""

SURE = 6.0
"""What a unit of the SVM's scores weighs beside one of the regression's logits: as its sigmoid's
slope says, so that both speak equally loud."""


@dataclass(frozen=True, slots=True)
class Linear:
    """What a machine learned: weights (features, labels) and biases, one column for each code."""

    codes: Codes
    weights: Array
    biases: Array

    def scores(self, features: Any) -> Array:
        """Shape (rows, labels)."""
        return np.asarray(features @ self.weights + self.biases, dtype=np.float32)

    def moved(self, slope: float, offset: float = 0.0) -> Linear:
        """The machine whose scores are these ones through a line."""
        return Linear(
            self.codes,
            np.float32(slope) * self.weights,
            np.float32(slope) * self.biases + np.float32(offset),
        )


Machine = Callable[[Any, Codes], Linear]
"""Fits features (rows, columns) to one code for each row."""


def support_vectors(features: Any, codes: Codes, penalty: float = PENALTY) -> Linear:
    """A linear SVM for each label against the rest."""
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=penalty, class_weight="balanced", tol=1e-3, random_state=0)
    return _linear(machine.fit(features, codes))


def regression(features: Any, codes: Codes) -> Linear:
    """Softmax regression over all labels together; numbers of four bytes halve its time."""
    from sklearn.linear_model import LogisticRegression

    machine = LogisticRegression(
        C=REGRESSION_PENALTY, class_weight="balanced", tol=1e-4, max_iter=400
    )
    return _linear(machine.fit(features.astype(np.float32), codes))


def both(features: Any, codes: Codes) -> Linear:
    """The sum of both machines' scores: the first is surer of what is like the lines learned,
    the second reads better what is not."""
    first, second = support_vectors(features, codes).moved(SURE), regression(features, codes)
    return Linear(first.codes, first.weights + second.weights, first.biases + second.biases)


def _linear(fitted: Any) -> Linear:
    weights, biases = fitted.coef_.T.astype(np.float32), fitted.intercept_.astype(np.float32)
    return Linear(fitted.classes_, weights, biases)
