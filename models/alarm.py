"""Whether a text tells of an emergency, judged from all that the urgency head says of it.

The head shares one certainty out among three answers. Between an emergency and a danger for later
it is often torn, and then neither share is large, though the text is surely no everyday matter. A
logistic regression over the logarithms of the shares weighs both against normal, and gives a
probability of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Chances = NDArray[np.float32]

EMERGENCY = "emergency"
SMALLEST = 1e-6
"""Shares below it count as it: their logarithms tell nothing more."""

LEVELS = np.arange(0.05, 0.55, 0.01)


@dataclass(frozen=True, slots=True)
class Alarm:
    """What each urgency's log share adds to the log odds of an emergency; `bias` for all texts.

    Alone `level` is the probability from which to speak of an emergency.
    """

    weights: Mapping[str, float]
    bias: float
    level: float

    def chances(self, shares: Chances, labels: tuple[str, ...]) -> Chances:
        """The probability of an emergency; `shares` have the shape (..., labels)."""
        weights = np.array([self.weights.get(label, 0.0) for label in labels], dtype=np.float32)
        odds = np.log(np.maximum(shares, np.float32(SMALLEST))) @ weights + np.float32(self.bias)
        found: Chances = expit(odds)
        return found


QUIET = Alarm({}, -30.0, 1.0)
"""Never speaks of an emergency."""


def fit_alarm(shares: Chances, codes: NDArray[np.int64], labels: tuple[str, ...]) -> Alarm:
    """The alarm likeliest on the shares of lines, each judged by a machine new to it."""
    from sklearn.linear_model import LogisticRegression

    urgent = codes == labels.index(EMERGENCY)
    features = np.log(np.maximum(shares, SMALLEST))
    fitted = LogisticRegression(max_iter=1000).fit(features, urgent)
    weights = dict(zip(labels, map(float, fitted.coef_[0]), strict=True))
    loud = Alarm(weights, float(fitted.intercept_[0]), 0.0)
    level = best_level(loud.chances(shares, labels), urgent)
    return Alarm(loud.weights, loud.bias, level)


def best_level(chances: Chances, urgent: NDArray[np.bool_], recall_weight: float = 2.0) -> float:
    """The probability from which to call an emergency: the best F-beta on unseen rows.

    `recall_weight` 2 counts a missed emergency four times as much as a false alarm.
    """
    square = recall_weight**2

    def quality(level: float) -> float:
        called = chances >= level
        hits = float((called & urgent).sum())
        missed, false = float((~called & urgent).sum()), float((called & ~urgent).sum())
        return (1 + square) * hits / ((1 + square) * hits + square * missed + false or 1.0)

    return round(float(max(LEVELS, key=quality)), 2)
