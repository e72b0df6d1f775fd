"""Probabilities that mean what they say: folds, one temperature for each head, the alarm level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]


def grouped_folds(
    labels: Sequence[str], groups: Sequence[int], count: int = 5, seed: int = 0
) -> list[Fold]:
    """Training and held-out row numbers; a group lies in one fold, labels are spread evenly."""
    from sklearn.model_selection import StratifiedGroupKFold

    folds = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    return list(folds.split(labels, labels, groups))


def softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities over the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: NDArray[np.float32] = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def fit(features: Any, codes: NDArray[np.int64], folds: list[Fold], penalty: float) -> Any:
    """A linear SVM on all rows whose temperature was found on rows it had not seen.

    Rare labels weigh as much as common ones, or emergencies would go unheard.
    One temperature keeps the order of the classes (Guo et al. 2017, "On Calibration of Modern
    Neural Networks"). Returns scikit-learn's fitted `CalibratedClassifierCV`.
    """
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=penalty, class_weight="balanced", random_state=0)
    calibrated = CalibratedClassifierCV(machine, method="temperature", ensemble=False, cv=folds)
    return calibrated.fit(features, codes)


def plain(calibrated: Any) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (features, labels) and biases, temperature folded in, rounded to float16's grid."""
    inner = calibrated.calibrated_classifiers_[0]
    beta = inner.calibrators[0].beta_
    weights = (inner.estimator.coef_.T * beta).astype(np.float16).astype(np.float32)
    return weights, (inner.estimator.intercept_ * beta).astype(np.float32)


def unseen_chances(
    calibrated: Any, features: Any, codes: NDArray[np.int64], folds: list[Fold]
) -> NDArray[np.float32]:
    """Calibrated probabilities of each row by a machine that had not seen it; same columns."""
    from sklearn.base import clone
    from sklearn.model_selection import cross_val_predict

    inner = calibrated.calibrated_classifiers_[0]
    scores = cross_val_predict(
        clone(inner.estimator), features, codes, cv=folds, method="decision_function"
    )
    return softmax((scores * inner.calibrators[0].beta_).astype(np.float32))


def alarm_level(
    probabilities: NDArray[np.float32], alarms: NDArray[np.bool_], recall_weight: float = 2.0
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
