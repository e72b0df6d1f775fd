"""Machines learn what is there to be learned; the sum of two is their sum and no more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from models import calibration, linear

MACHINES = [linear.support_vectors, linear.regression, linear.both]


def points(count: int = 400) -> tuple[csr_matrix, linear.Codes]:
    """Rows of four features, each label's own a good deal larger; labels are 0, 2, 3 and 5."""
    dice = np.random.default_rng(0)
    drawn = dice.integers(0, 4, count)
    rows = dice.normal(scale=0.25, size=(count, 4)) + np.eye(4)[drawn]
    return csr_matrix(rows), np.array([0, 2, 3, 5])[drawn]


@pytest.mark.parametrize("machine", MACHINES)
def test_a_machine_names_the_label(machine: linear.Machine) -> None:
    features, codes = points()
    fitted = machine(features[:300], codes[:300])
    scores = fitted.scores(features[300:])
    assert fitted.codes.tolist() == [0, 2, 3, 5]
    assert scores.shape == (100, 4)
    assert scores.dtype == np.float32
    assert (fitted.codes[scores.argmax(axis=1)] == codes[300:]).mean() > 0.85


@pytest.mark.parametrize(
    ("machine", "theirs"),
    [
        (
            linear.support_vectors,
            LinearSVC(C=linear.PENALTY, class_weight="balanced", tol=1e-3, random_state=0),
        ),
        (
            linear.regression,
            LogisticRegression(
                C=linear.REGRESSION_PENALTY, class_weight="balanced", tol=1e-4, max_iter=400
            ),
        ),
    ],
)
def test_scores_are_scikit_learns(machine: linear.Machine, theirs: Any) -> None:
    features, codes = points()
    theirs.fit(features[:300].astype(np.float32), codes[:300])
    expected = theirs.decision_function(features[300:])
    np.testing.assert_allclose(
        machine(features[:300], codes[:300]).scores(features[300:]), expected, atol=1e-3
    )


def test_both_scores_are_the_sum() -> None:
    features, codes = points()
    one, other = linear.support_vectors(features, codes), linear.regression(features, codes)
    expected = linear.SURE * one.scores(features) + other.scores(features)
    found = linear.both(features, codes).scores(features)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_machine_moved_scores_along_a_line() -> None:
    features, codes = points()
    fitted = linear.support_vectors(features, codes)
    moved = fitted.moved(2.5, -1.0)
    np.testing.assert_allclose(moved.scores(features), 2.5 * fitted.scores(features) - 1, atol=1e-5)


def test_a_label_that_a_fold_did_not_show_is_the_least_likely() -> None:
    features, codes = points()
    alone = np.flatnonzero(codes == 5)
    others = np.flatnonzero(codes != 5)
    scores = calibration.unseen_scores(linear.both, features, codes, [(others, alone)])
    assert (scores[alone, 5] <= scores[alone].min()).all()
    assert scores[alone].max(axis=1).min() > scores[alone, 5].max()
    assert not scores[others].any()
