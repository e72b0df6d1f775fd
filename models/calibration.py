"""Probabilities that mean what they say: folds, and one sigmoid for each head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit, softmax

from models.linear import Machine

Fold = tuple[NDArray[np.int64], NDArray[np.int64]]
Scores = NDArray[np.float32]

STARTS = ((np.log(6.0), 1.0), (0.0, -4.0))
"""Logarithm of the slope, and offset, to seek from: near those of an SVM and of logits."""


def grouped_folds(
    labels: Sequence[str], groups: Sequence[int], count: int = 5, seed: int = 0
) -> list[Fold]:
    """Training and held-out row numbers; a group lies in one fold, labels are spread evenly."""
    from sklearn.model_selection import StratifiedGroupKFold

    folds = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    return list(folds.split(labels, labels, groups))


def shares(scores: Scores) -> Scores:
    """Probabilities over the last axis: each label's sigmoid, divided by the sum of all."""
    chances: Scores = softmax(log_expit(scores), axis=-1)
    return chances


def unseen_scores(
    machine: Machine, features: Any, codes: NDArray[np.int64], folds: list[Fold]
) -> Scores:
    """Each row's scores by a machine that had not seen it, two folds at a time."""
    from concurrent.futures import ThreadPoolExecutor

    scores = np.zeros((len(codes), int(codes.max()) + 1), dtype=np.float32)

    def score(fold: Fold) -> None:
        seen, held_out = fold
        fitted = machine(features[seen], codes[seen])
        found = fitted.scores(features[held_out])
        scores[held_out] = found.min()
        scores[np.ix_(held_out, fitted.codes)] = found

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(score, folds))
    return scores


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """A line through scores, after which `shares` are probabilities; alike for all labels."""

    slope: float
    offset: float

    def of(self, scores: Scores) -> Scores:
        """What `shares` takes."""
        moved: Scores = np.float32(self.slope) * scores + np.float32(self.offset)
        return moved


def sigmoid(scores: Scores, codes: NDArray[np.int64]) -> Sigmoid:
    """The sigmoid whose shares are likeliest on `codes`.

    Platt 1999 ("Probabilistic Outputs for Support Vector Machines"), normalised over one-against-
    the-rest machines as in Zadrozny and Elkan 2002, but one sigmoid for all labels of a head:
    rare labels are too few for their own, and the order of the labels stays.
    """
    from scipy.optimize import minimize

    rows = np.arange(len(codes))

    def surprise(line: NDArray[np.float64]) -> float:
        chances = shares(Sigmoid(float(np.exp(line[0])), float(line[1])).of(scores))
        return -float(np.log(np.maximum(chances[rows, codes], 1e-12)).mean())

    limits, options = [(-3.0, 4.0), (-20.0, 20.0)], {"xatol": 1e-3, "fatol": 1e-6}
    found = [
        minimize(surprise, start, method="Nelder-Mead", bounds=limits, options=options)
        for start in STARTS
    ]
    best = min(found, key=lambda end: float(end.fun)).x
    return Sigmoid(float(np.exp(best[0])), float(best[1]))


def narrow(weights: Scores) -> tuple[NDArray[np.int8], Scores]:
    """Weights as whole numbers -127 to 127, and each row's step: their product is near them.

    Most n-grams weigh little for all labels, so a row's own step is far finer than a column's.
    """
    largest = np.abs(weights).max(axis=1, keepdims=True)
    steps = np.maximum(largest / np.float32(127), np.float32(1e-9))
    return np.rint(weights / steps).astype(np.int8), steps
