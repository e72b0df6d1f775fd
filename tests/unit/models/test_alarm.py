"""The alarm over the urgency head's shares."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression

from models.alarm import QUIET, Alarm, best_level, fit_alarm

LABELS = ("emergency", "high", "normal")


def drawn(count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Shares of texts, and answers drawn from other odds than the shares' own."""
    dice = np.random.default_rng(0)
    shares = softmax(dice.normal(size=(count, 3)) * 2, axis=1).astype(np.float32)
    odds = np.log(shares) @ np.array([1.5, -0.3, -1.0]) - 2.0
    urgent = dice.random(count) < expit(odds)
    return shares, np.where(urgent, 0, shares[:, 1:].argmax(axis=1) + 1)


def test_an_alarm_gives_the_probabilities_of_scikit_learn() -> None:
    shares, codes = drawn()
    alarm = fit_alarm(shares, codes, LABELS)
    theirs = LogisticRegression(max_iter=1000).fit(np.log(shares), codes == 0)
    expected = theirs.predict_proba(np.log(shares))[:, 1]
    np.testing.assert_allclose(alarm.chances(shares, LABELS), expected, atol=1e-4)


def test_an_alarm_finds_the_odds_that_drew_the_answers() -> None:
    shares, codes = drawn(40_000)
    alarm = fit_alarm(shares, codes, LABELS)
    mean = float(alarm.chances(shares, LABELS).mean())
    assert mean == pytest.approx(float((codes == 0).mean()), abs=0.01)
    assert alarm.weights["emergency"] > 0 > alarm.weights["normal"]


def test_one_text_and_many_are_judged_alike_in_any_order_of_labels() -> None:
    shares, codes = drawn()
    alarm = fit_alarm(shares, codes, LABELS)
    many = alarm.chances(shares, LABELS)
    assert float(alarm.chances(shares[7], LABELS)) == pytest.approx(float(many[7]))
    turned = alarm.chances(shares[:, ::-1], LABELS[::-1])
    np.testing.assert_allclose(turned, many, atol=1e-6)


@pytest.mark.parametrize("shares", [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
def test_a_share_of_nothing_is_no_error(shares: list[float]) -> None:
    alarm = Alarm({"emergency": 2.0, "normal": -1.0}, -1.0, 0.5)
    chance = float(alarm.chances(np.array(shares, dtype=np.float32), LABELS))
    assert 0.0 <= chance <= 1.0
    assert (chance >= alarm.level) == (shares[0] == 1.0)


def test_quiet_never_calls() -> None:
    shares = np.array([[1.0, 0.0, 0.0]], dtype=np.float32)
    assert QUIET.chances(shares, LABELS)[0] < QUIET.level


def test_the_level_prefers_a_false_alarm_to_a_missed_one() -> None:
    chances = np.array([0.9, 0.3, 0.25, 0.1], dtype=np.float32)
    assert 0.1 < best_level(chances, np.array([True, False, True, False])) <= 0.25
