"""Fitting the classifier's heads with scikit-learn, and turning them into plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import calibration
from models.classifier import Classifier, Head
from models.complaints import Complaint
from models.errors import ModelError
from models.grams import Grams, fold
from models.prediction import Vectors

PENALTIES = {"service": 1.0, "kind": 1.0, "urgency": 0.5}
"""The SVM's C for each head, chosen on the dev split."""

SHARE = 0.4
"""How much the unit vector weighs beside the unit row of n-grams, chosen on the dev split."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A classifier, and scikit-learn's own estimators with the features that they saw."""

    classifier: Classifier
    estimators: dict[str, Any]
    features: Any


def fit(
    rows: Sequence[Complaint], vectors: Vectors, groups: Sequence[int], share: float = SHARE
) -> Fitted:
    """Fit every head on `rows`; `groups` keeps near-copies in one fold while calibrating.

    Raises `ModelError` where a head has fewer than three labels: then scikit-learn's shapes differ.
    """
    from scipy.sparse import csr_matrix, hstack

    answers = {name: _answers(rows, name) for name in PENALTIES}
    grams = Grams.learn([row.text for row in rows])
    matrix, _ = grams.weigh(grams.find([fold(row.text) for row in rows]), len(rows))
    features = hstack([matrix, csr_matrix(share * vectors)]).tocsr()
    folds = calibration.grouped_folds([row.service for row in rows], groups)
    estimators = {
        name: calibration.fit(features, answers[name][1], folds, penalty)
        for name, penalty in PENALTIES.items()
    }
    plain = [calibration.plain(estimators[name]) for name in PENALTIES]
    labels, codes = answers["urgency"]
    chances = calibration.unseen_chances(estimators["urgency"], features, codes, folds)
    emergency = labels.index("emergency")
    classifier = Classifier(
        grams=grams,
        weights=np.hstack([weights for weights, _ in plain]),
        biases=np.concatenate([biases for _, biases in plain]),
        heads=_heads({name: labels for name, (labels, _) in answers.items()}),
        share=share,
        emergency_from=calibration.alarm_level(chances[:, emergency], codes == emergency),
    )
    return Fitted(classifier, estimators, features)


def _answers(rows: Sequence[Complaint], name: str) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The labels of one head in order, and each row's number among them."""
    given = [str(getattr(row, name)) for row in rows]
    labels = tuple(sorted(set(given)))
    if len(labels) < 3:
        raise ModelError(f"{name}: at least three different labels are needed")
    return labels, np.array([labels.index(label) for label in given])


def _heads(labels: dict[str, tuple[str, ...]]) -> dict[str, Head]:
    firsts = accumulate((len(some) for some in labels.values()), initial=0)
    return {
        name: Head(some, first) for (name, some), first in zip(labels.items(), firsts, strict=False)
    }
