"""Plain arrays against scikit-learn, and the n-grams against its vectoriser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfVectorizer

from models import artifact, calibration, complaints, fitting
from models.complaints import Complaint, near_copies
from models.errors import ModelError
from models.fitting import Fitted, Lines
from models.grams import ADDED, Grams, fold, thrice, word_weights
from models.prediction import Engine

TEXTS = ["가로등이 나갔어요", "가로등  불이 안 들어와요", "물이 안 나와요 ㅠㅠ 𠮷", "Water 물", ""]


def within_words(text: str) -> list[str]:
    padded = [f" {word} " for word in fold(text).split()]
    return [
        word[start : start + size]
        for word in padded
        for size in range(1, 5)
        for start in range(len(word) - size + 1)
        if word[start : start + size] != " "
    ]


def key(gram: str) -> int:
    return int.from_bytes(gram.encode("utf-16-be"), "big")


def lines(engine: Engine, some: list[Complaint]) -> Lines:
    vectors = engine.embed([row.text for row in some])
    return Lines(some, vectors, near_copies(some), len(some))


@pytest.fixture(scope="module")
def fitted(engine: Engine, rows: list[Complaint]) -> Fitted:
    some = rows[::4]
    return fitting.fit(lines(engine, some))


def test_ngrams_and_their_weights_are_those_of_scikit_learn(rows: list[Complaint]) -> None:
    texts = TEXTS + [row.text for row in rows[:200]]
    grams = Grams.learn([fold(text) for text in texts], least=2)
    theirs = TfidfVectorizer(analyzer=within_words, sublinear_tf=True, min_df=2)
    expected = theirs.fit_transform(texts).toarray()
    names = theirs.get_feature_names_out()
    order = np.searchsorted(grams.keys, np.array([key(name) for name in names], dtype=np.uint64))
    assert sorted(key(name) for name in names) == grams.keys.tolist()
    ours, _ = grams.weigh(grams.find([fold(text) for text in texts]), len(texts))
    np.testing.assert_allclose(ours.toarray()[:, order], expected, atol=1e-6)


def test_an_amount_falls_on_the_word_that_holds_the_ngram() -> None:
    grams = Grams.learn(["가로등 불"], least=1)
    folded = [thrice("불 가로등"), thrice(" "), thrice("가로등")]
    found = grams.find(folded)
    weights = word_weights(folded, found, np.ones(len(found.columns), dtype=np.float32), 3)
    assert [[word for word, _ in text] for text in weights] == [["가로등", "불"], [], ["가로등"]]


@given(st.lists(st.text(alphabet=st.characters(max_codepoint=0x2FF), max_size=12), max_size=4))
@example(["\x01"])
@example(["가 \x1b 나", "\x00\x07"])
def test_any_text_has_words_to_weigh(texts: list[str]) -> None:
    folded = [thrice(text) for text in texts]
    grams = Grams.learn([*folded, "가 나"], least=1)
    found = grams.find(folded)
    weights = word_weights(folded, found, np.ones(len(found.columns), dtype=np.float32), 3)
    assert len(weights) == len(texts)
    for text, words in zip(folded, weights, strict=True):
        assert {word for word, _ in words} <= set(text.split()[:-ADDED])


def test_plain_arrays_agree_with_scikit_learn(
    fitted: Fitted, engine: Engine, rows: list[Complaint]
) -> None:
    some = rows[::4]
    texts = [row.text for row in some]
    ours = fitted.classifier.probabilities(texts, engine.embed(texts))
    for name, head in fitted.heads.items():
        theirs = expit(head.line.of(head.machine.scores(fitted.features)))
        theirs /= theirs.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(ours[name], theirs, atol=2e-2, err_msg=name)
        agree = ours[name].argmax(axis=1) == theirs.argmax(axis=1)
        assert agree.mean() > 0.99


def test_a_classifier_is_the_same_after_writing_and_reading(
    fitted: Fitted, engine: Engine, tmp_path: Path
) -> None:
    artifact.write_classifier(tmp_path, fitted.classifier)
    again = artifact.read_classifier(tmp_path)
    vectors = engine.embed(TEXTS)
    before = fitted.classifier.probabilities(TEXTS, vectors)
    for name, chances in again.probabilities(TEXTS, vectors).items():
        assert chances == pytest.approx(before[name], abs=1e-6)


@pytest.mark.parametrize("kept", [calibration.Sigmoid(5.0, 1.0), calibration.Sigmoid(2.0, -1.5)])
def test_the_sigmoid_that_drew_the_labels_is_found_again(kept: calibration.Sigmoid) -> None:
    dice = np.random.default_rng(0)
    scores = dice.normal(-0.8, 0.6, size=(20_000, 6)).astype(np.float32)
    sums = calibration.shares(kept.of(scores)).cumsum(axis=1)
    codes = (sums < dice.random((len(scores), 1))).sum(axis=1).clip(max=5)
    found = calibration.sigmoid(scores, codes)
    assert found.slope == pytest.approx(kept.slope, rel=0.1)
    assert found.offset == pytest.approx(kept.offset, abs=0.3)


def test_shares_are_those_of_scikit_learns_sigmoids() -> None:
    """Scikit-learn shares the sigmoids of machines, each against the rest, out in the same way."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.frozen import FrozenEstimator
    from sklearn.svm import LinearSVC

    dice = np.random.default_rng(0)
    codes = dice.integers(0, 4, 400)
    points = dice.normal(size=(400, 4)) + 1.2 * np.eye(4)[codes]
    machine = LinearSVC().fit(points[:200], codes[:200])
    theirs = CalibratedClassifierCV(FrozenEstimator(machine), method="sigmoid", ensemble=False)
    theirs.fit(points[200:], codes[200:])
    scores = machine.decision_function(points)
    lines = theirs.calibrated_classifiers_[0].calibrators
    moved = np.stack([-(c.a_ * scores[:, i] + c.b_) for i, c in enumerate(lines)], axis=1)
    np.testing.assert_allclose(calibration.shares(moved), theirs.predict_proba(points), atol=1e-6)


@pytest.mark.parametrize("far", [-900.0, 900.0])
def test_scores_far_out_still_share_out_to_one(far: float) -> None:
    chances = calibration.shares(np.array([[far, far - 1, far - 2]], dtype=np.float32))
    assert np.isfinite(chances).all()
    assert chances.sum() == pytest.approx(1)


def test_lines_taken_keep_their_noisy_copies_apart(engine: Engine, rows: list[Complaint]) -> None:
    real = rows[:4]
    vectors = engine.embed([row.text for row in real])
    both = Lines([*real, *real], np.concatenate([vectors, vectors]), [0, 1, 2, 3] * 2, 4)
    part = both.take([1, 3, 5, 7])
    assert (part.real, list(part.groups)) == (2, [1, 3, 1, 3])
    assert [row.id for row in part.rows] == [real[1].id, real[3].id] * 2


def test_sigmoids_are_found_without_the_hard_lines(rows: list[Complaint]) -> None:
    usual, hard = (
        next(row for row in rows if complaints.hard(row) is wanted) for wanted in (False, True)
    )
    nothing = np.zeros((4, 2), dtype=np.float32)
    assert Lines([hard, usual, usual, hard], nothing, [0, 1, 1, 0], 3).usual() == [1, 2]
    assert Lines([hard, hard, usual, usual], nothing, [0, 0, 1, 1], 2).usual() == [0, 1]


def test_folds_keep_a_group_together() -> None:
    labels, groups = ["가", "나"] * 20, [number // 2 for number in range(40)]
    for learned, held_out in calibration.grouped_folds(labels, groups):
        assert not {groups[i] for i in learned} & {groups[i] for i in held_out}


def test_a_head_with_two_labels_is_refused(engine: Engine, rows: list[Complaint]) -> None:
    some = [row for row in rows if row.urgency != "high"][::5]
    with pytest.raises(ModelError, match="urgency"):
        fitting.fit(lines(engine, some))
