"""Fitting the classifier's heads with scikit-learn, and turning them into plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import calibration
from models.alarm import QUIET, Alarm, fit_alarm
from models.classifier import Classifier, Head
from models.complaints import Complaint, hard
from models.errors import ModelError
from models.grams import Grams, thrice
from models.linear import Linear, both, support_vectors
from models.prediction import Vectors

MACHINES = {"service": both, "kind": support_vectors, "urgency": support_vectors}
"""What each head is fitted with, chosen on the dev split and by cross-validation."""

KEPT = {"service": 90_000, "kind": 15_000, "urgency": 15_000}
"""N-grams kept for each head; some are kept for more than one."""

SHARE = 0.35
"""How much the unit vector weighs beside the unit row of n-grams, chosen on the dev split."""

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lines:
    """Labelled lines with their vectors and the group of near-copies each belongs to.

    The first `real` lines are as they were written, the others copies of them with noise: heads
    learn from both, sigmoids and alarm level are found on the real ones, sigmoids without those
    written to be hard: a desk does not hear them in that proportion.
    """

    rows: Sequence[Complaint]
    vectors: Vectors
    groups: Sequence[int]
    real: int

    def take(self, wanted: Sequence[int]) -> Lines:
        """Some of the lines, by their ascending numbers."""
        return Lines(
            [self.rows[i] for i in wanted],
            self.vectors[list(wanted)],
            [self.groups[i] for i in wanted],
            sum(i < self.real for i in wanted),
        )

    def usual(self) -> list[int]:
        """Numbers of the real lines not written to be hard, of all real ones if all were."""
        some = [i for i in range(self.real) if not hard(self.rows[i])]
        return some or list(range(self.real))


@dataclass(frozen=True, slots=True)
class FittedHead:
    """One head's labels, its machine and sigmoid, and the real lines' unseen probabilities."""

    labels: tuple[str, ...]
    codes: Codes
    machine: Linear
    line: calibration.Sigmoid
    unseen: calibration.Scores


@dataclass(frozen=True, slots=True)
class Fitted:
    """A classifier, the heads it was made of, and the features that they saw."""

    classifier: Classifier
    heads: dict[str, FittedHead]
    features: Any


def fit(lines: Lines, share: float = SHARE) -> Fitted:
    """Fit every head on `lines`; near-copies stay in one fold while calibrating.

    Raises `ModelError` where a head has fewer than three labels: then scikit-learn's shapes differ.
    """
    grams, features = _features(lines, share)
    folds = calibration.grouped_folds([row.service for row in lines.rows], lines.groups)
    heads = {name: _head(lines, name, features, folds) for name in MACHINES}
    urgency = heads["urgency"]
    alarm = fit_alarm(urgency.unseen, urgency.codes[: lines.real], urgency.labels)
    return Fitted(_classifier(grams, heads, share, alarm), heads, features)


def fit_services(lines: Lines, share: float = SHARE) -> Classifier:
    """The head for services alone, by the SVM alone and not calibrated: a quick ranking."""
    grams, features = _features(lines, share, ("service",))
    labels, codes = _answers(lines.rows, "service")
    fitted = support_vectors(features, codes)
    unseen = np.zeros((0, len(labels)), dtype=np.float32)
    head = FittedHead(labels, codes, fitted, calibration.Sigmoid(6.0, 0.0), unseen)
    return _classifier(grams, {"service": head}, share, QUIET)


def _features(lines: Lines, share: float, heads: Sequence[str] = tuple(KEPT)) -> tuple[Grams, Any]:
    """The n-grams known, and rows of their weights beside the vector's."""
    from scipy.sparse import csr_matrix, hstack

    texts = [thrice(row.text) for row in lines.rows]
    grams = vocabulary(texts, lines.rows, heads)
    matrix, _ = grams.weigh(grams.find(texts), len(texts))
    return grams, hstack([matrix, csr_matrix(share * lines.vectors)]).tocsr()


def vocabulary(
    texts: Sequence[str], rows: Sequence[Complaint], heads: Sequence[str] = tuple(KEPT)
) -> Grams:
    """The n-grams that tell most about some head's labels, by the chi-squared statistic."""
    from sklearn.feature_selection import chi2

    grams = Grams.learn(texts)
    matrix, _ = grams.weigh(grams.find(texts), len(texts))
    kept = np.zeros(len(grams.keys), dtype=bool)
    for name in heads:
        told = np.nan_to_num(chi2(matrix, _answers(rows, name)[1])[0])
        kept[np.argsort(-told, kind="stable")[: KEPT[name]]] = True
    return grams.only(np.flatnonzero(kept))


def _head(lines: Lines, name: str, features: Any, folds: list[calibration.Fold]) -> FittedHead:
    labels, codes = _answers(lines.rows, name)
    scores = calibration.unseen_scores(MACHINES[name], features, codes, folds)[: lines.real]
    usual = lines.usual()
    line = calibration.sigmoid(scores[usual], codes[usual])
    fitted = MACHINES[name](features, codes)
    return FittedHead(labels, codes, fitted, line, calibration.shares(line.of(scores)))


def _classifier(
    grams: Grams, heads: dict[str, FittedHead], share: float, alarm: Alarm
) -> Classifier:
    plain = [head.machine.moved(head.line.slope, head.line.offset) for head in heads.values()]
    weights, steps = calibration.narrow(np.hstack([machine.weights for machine in plain]))
    return Classifier(
        grams=grams,
        weights=weights * steps,
        biases=np.concatenate([machine.biases for machine in plain]),
        heads=_columns({name: head.labels for name, head in heads.items()}),
        share=share,
        alarm=alarm,
    )


def _answers(rows: Sequence[Complaint], name: str) -> tuple[tuple[str, ...], Codes]:
    """The labels of one head in order, and each row's number among them."""
    given = [str(getattr(row, name)) for row in rows]
    labels = tuple(sorted(set(given)))
    if len(labels) < 3:
        raise ModelError(f"{name}: at least three different labels are needed")
    return labels, np.array([labels.index(label) for label in given])


def _columns(labels: dict[str, tuple[str, ...]]) -> dict[str, Head]:
    firsts = accumulate((len(some) for some in labels.values()), initial=0)
    return {
        name: Head(some, first) for (name, some), first in zip(labels.items(), firsts, strict=False)
    }
