"""How good predictions are: pure functions of gold lines and predictions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import pi, sqrt

from models.complaints import Complaint, Reading
from models.prediction import Prediction

BINS = 10


@dataclass(frozen=True, slots=True)
class Slice:
    """The lines of one channel or service, and the share whose first service is right."""

    lines: int
    top1: float


@dataclass(frozen=True, slots=True)
class Report:
    """Shares in 0..1. `false_alarms` is the share of other lines that were called emergencies.

    Emergency figures are 0 when no line is of that sort. `calibration_error` is the expected
    calibration error of the first service over ten equal bins (Naeini et al. 2015);
    `calibration_by_chance` is what it would be, on average, were every probability right.
    """

    lines: int
    service_top1: float
    service_top3: float
    service_macro_f1: float
    kind_accuracy: float
    urgency_accuracy: float
    emergencies: int
    emergency_recall: float
    false_alarms: float
    calibration_error: float
    calibration_by_chance: float
    channels: dict[str, Slice]
    services: dict[str, Slice]


def evaluate(gold: Sequence[Complaint], predictions: Sequence[Prediction]) -> Report:
    """Compare line by line; raise `ValueError` if there are none or the lengths differ."""
    if not gold:
        raise ValueError("no lines to evaluate")
    pairs = list(zip(gold, predictions, strict=True))
    alarms = [p for g, p in pairs if g.urgency == "emergency"]
    calm = [p for g, p in pairs if g.urgency != "emergency"]
    return Report(
        lines=len(pairs),
        service_top1=_share(_first(p) == g.service for g, p in pairs),
        service_top3=_share(g.service in [code for code, _ in p.services[:3]] for g, p in pairs),
        service_macro_f1=macro_f1([g.service for g in gold], [_first(p) for p in predictions]),
        kind_accuracy=_share(g.kind == p.kind for g, p in pairs),
        urgency_accuracy=_share(g.urgency == p.urgency for g, p in pairs),
        emergencies=len(alarms),
        emergency_recall=_share(p.urgency == "emergency" for p in alarms),
        false_alarms=_share(p.urgency == "emergency" for p in calm),
        calibration_error=calibration_error(
            [p.services[0][1] for p in predictions], [_first(p) == g.service for g, p in pairs]
        ),
        calibration_by_chance=calibration_by_chance([p.services[0][1] for p in predictions]),
        channels=_slices(pairs, lambda line: line.channel),
        services=_slices(pairs, lambda line: line.service),
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """Shares of lines on which a second reader says what the label says."""

    service: float
    kind: float
    urgency: float
    district: float


def agreement(gold: Sequence[Complaint], readings: Mapping[str, Reading]) -> Agreement | None:
    """How far two readers of the same lines agree; None unless the second read each of them."""
    if not gold or not all(line.id in readings for line in gold):
        return None
    pairs = [(line, readings[line.id]) for line in gold]
    return Agreement(
        service=_share(line.service == second.service for line, second in pairs),
        kind=_share(line.kind == second.kind for line, second in pairs),
        urgency=_share(line.urgency == second.urgency for line, second in pairs),
        district=_share(line.district == second.district for line, second in pairs),
    )


def macro_f1(gold: Sequence[str], called: Sequence[str]) -> float:
    """The mean of each label's F1, over the labels that occur in either."""
    right = Counter(g for g, c in zip(gold, called, strict=True) if g == c)
    wanted, named = Counter(gold), Counter(called)
    labels = wanted.keys() | named.keys()
    return sum(2 * right[x] / (wanted[x] + named[x]) for x in sorted(labels)) / len(labels)


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """The gap between confidence and accuracy, a mean over bins weighed by their lines."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, hit in zip(confidences, right, strict=True):
        bins[_bin(confidence)].append((confidence, hit))
    gaps = (abs(sum(c for c, _ in part) - sum(h for _, h in part)) for part in bins.values())
    return sum(gaps) / len(confidences)


def calibration_by_chance(confidences: Sequence[float]) -> float:
    """The mean calibration error of probabilities that are right: few lines never come out even.

    A bin's sum of hits then varies around that of its confidences about as a normal variable does,
    whose mean distance from its centre is the root of 2 / pi times its variance.
    """
    variances: dict[int, float] = defaultdict(float)
    for confidence in confidences:
        variances[_bin(confidence)] += confidence * (1 - confidence)
    return sum(sqrt(2 / pi * variance) for variance in variances.values()) / len(confidences)


def _bin(confidence: float) -> int:
    return min(int(confidence * BINS), BINS - 1)


def _slices(
    pairs: Sequence[tuple[Complaint, Prediction]], by: Callable[[Complaint], str]
) -> dict[str, Slice]:
    parts: dict[str, list[bool]] = defaultdict(list)
    for line, prediction in pairs:
        parts[by(line)].append(_first(prediction) == line.service)
    return {name: Slice(len(hits), _share(hits)) for name, hits in sorted(parts.items())}


def _first(prediction: Prediction) -> str:
    return prediction.services[0][0]


def _share(hits: Iterable[bool]) -> float:
    hits = list(hits)
    return sum(hits) / len(hits) if hits else 0.0
