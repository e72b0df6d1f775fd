"""Probabilities that mean what they say: folds, one temperature for each head, the alarm level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]
Scores = NDArray[np.float32]


def grouped_folds(
    labels: Sequence[str], groups: Sequence[int], count: int = 5, seed: int = 0
) -> list[Fold]:
    """Training and held-out row numbers; a group lies in one fold, labels are spread evenly."""
    from sklearn.model_selection import StratifiedGroupKFold

    folds = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    return list(folds.split(labels, labels, groups))


def softmax(scores: Scores) -> Scores:
    """Probabilities over the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Scores = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def machine(penalty: float) -> Any:
    """A linear SVM. Rare labels weigh as much as common ones, or emergencies would go unheard."""
    from sklearn.svm import LinearSVC

    return LinearSVC(C=penalty, class_weight="balanced", tol=1e-3, random_state=0)


def unseen_scores(
    penalty: float, features: Any, codes: NDArray[np.int64], folds: list[Fold]
) -> Scores:
    """Each row's scores by a machine that had not seen it, two folds at a time."""
    from concurrent.futures import ThreadPoolExecutor

    scores = np.full((len(codes), int(codes.max()) + 1), -1.5, dtype=np.float32)

    def score(fold: Fold) -> None:
        seen, held_out = fold
        fitted = machine(penalty).fit(features[seen], codes[seen])
        scores[np.ix_(held_out, fitted.classes_)] = fitted.decision_function(features[held_out])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(score, folds))
    return scores


def temperature(scores: Scores, codes: NDArray[np.int64]) -> float:
    """What to multiply `scores` with so that their softmax is likeliest on `codes`.

    One temperature keeps the order of the labels (Guo et al. 2017, "On Calibration of Modern
    Neural Networks").
    """
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(codes))

    def surprise(power: float) -> float:
        chances = softmax(scores * np.float32(np.exp(power)))
        return -float(np.log(np.maximum(chances[rows, codes], 1e-12)).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3.0, 4.0), method="bounded").x))


def plain(fitted: Any, power: float) -> tuple[Scores, Scores]:
    """Weights (features, labels) as they are kept, and biases; the temperature is folded in."""
    weights, steps = narrow((fitted.coef_.T * power).astype(np.float32))
    return weights * steps, (fitted.intercept_ * power).astype(np.float32)


def narrow(weights: Scores) -> tuple[NDArray[np.int8], Scores]:
    """Weights as whole numbers -127 to 127, and each column's step: their product is near them.

    A text's row of n-grams has length one, so its score moves by about a third of a step.
    """
    steps = np.maximum(np.abs(weights).max(axis=0) / np.float32(127), np.float32(1e-9))
    return np.rint(weights / steps).astype(np.int8), steps


def alarm_level(
    probabilities: Scores, alarms: NDArray[np.bool_], recall_weight: float = 2.0
) -> float:
    """The probability from which to call an emergency: the best F-beta on unseen rows.

    `recall_weight` 2 counts a missed emergency four times as much as a false alarm.
    """
    levels = np.arange(0.05, 0.55, 0.01)
    square = recall_weight**2

    def quality(level: float) -> float:
        called = probabilities >= level
        hits = float((called & alarms).sum())
        missed, false = float((~called & alarms).sum()), float((called & ~alarms).sum())
        return (1 + square) * hits / ((1 + square) * hits + square * missed + false or 1.0)

    return round(float(max(levels, key=quality)), 2)
