from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.complaints import Complaint, Reading
from models.evaluation import (
    Agreement,
    agreement,
    calibration_by_chance,
    calibration_error,
    evaluate,
    macro_f1,
)
from models.prediction import Prediction


def line(service: str, urgency: str = "normal", channel: str = "web") -> Complaint:
    return Complaint("x-1", "글", channel, service, "report", urgency)


def guess(*services: str, kind: str = "report", urgency: str = "normal") -> Prediction:
    chances = tuple((code, 0.8 if at == 0 else 0.1) for at, code in enumerate(services))
    return Prediction(chances, kind, 0.9, urgency, 0.5)


def test_a_report_counts_what_it_says() -> None:
    gold = [line("a", "emergency"), line("a", channel="voice"), line("b"), line("c")]
    report = evaluate(
        gold,
        [
            guess("a", "b", "c", urgency="emergency"),
            guess("b", "a", "c", urgency="emergency"),
            guess("b", "a", "c", kind="praise"),
            guess("d", "a", "b", "c"),
        ],
    )
    assert (report.lines, report.emergencies) == (4, 1)
    assert report.service_top1 == 0.5
    assert report.service_top3 == 0.75
    assert report.kind_accuracy == 0.75
    assert report.urgency_accuracy == 0.75
    assert report.emergency_recall == 1.0
    assert report.false_alarms == pytest.approx(1 / 3)
    assert report.calibration_error == pytest.approx(0.3)
    assert report.channels["voice"].top1 == 0.0
    assert (report.services["a"].lines, report.services["a"].top1) == (2, 0.5)


def test_macro_f1_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import f1_score

    gold, called = list("aabbccd"), list("abbbcae")
    expected = f1_score(gold, called, average="macro", zero_division=0)
    assert macro_f1(gold, called) == pytest.approx(expected)


def test_sure_and_right_is_calibrated_sure_and_wrong_is_not() -> None:
    assert calibration_error([1.0, 1.0], [True, True]) == 0.0
    assert calibration_error([1.0, 1.0], [False, False]) == 1.0
    assert calibration_error([0.75] * 4, [True, True, True, False]) == 0.0


def test_two_readers_agree_line_by_line() -> None:
    gold = [replace(line("a"), id="1"), replace(line("b", "high"), id="2", district="동구")]
    second = {
        "1": Reading("a", "report", "normal", "서구"),
        "2": Reading("c", "report", "high", "동구"),
    }
    assert agreement(gold, second) == Agreement(0.5, 1.0, 1.0, 0.5)
    assert agreement(gold, {"1": second["1"]}) is None
    assert agreement([], second) is None


def test_nothing_or_uneven_lists_are_refused() -> None:
    with pytest.raises(ValueError, match="no lines"):
        evaluate([], [])
    with pytest.raises(ValueError, match="shorter"):
        evaluate([line("a")], [])


def test_chance_is_the_mean_error_of_right_probabilities() -> None:
    dice = np.random.default_rng(0)
    confidences = dice.uniform(0.3, 1.0, 300).tolist()
    drawn = [
        calibration_error(confidences, (dice.random(300) < confidences).tolist())
        for _ in range(400)
    ]
    assert calibration_by_chance(confidences) == pytest.approx(float(np.mean(drawn)), rel=0.1)
    assert calibration_by_chance([1.0, 1.0]) == 0.0
