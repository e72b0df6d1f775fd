"""Fits the choice to labelled questions and measures it on others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from services.errors import InvalidField
from services.knowledge.choice import DOUBTS, Choice, Floats
from services.knowledge.index import FEATURES
from services.knowledge.search import Search, Seen

PRECISION = 0.96
"""Share of said answers that must be right where the threshold is set: over the goal of .95."""
STIFFNESS = 0.0005
FOLDS = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """A labelled question; no article means that nothing should be said."""

    question: str
    article: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """Counts, and shares in 0..1; a share of nothing is 0.

    `precision` is the share of said answers that are right, `coverage` the share of questions with
    an article that get it, `first` how often it is the likeliest, said or not, `false_answers` the
    share of questions without an article that get one all the same.
    """

    questions: int
    with_article: int
    said: int
    precision: float
    coverage: float
    first: float
    false_answers: float


def read_questions(file: Path) -> list[Asked]:
    """JSON lines {question, article}; raises `InvalidField` naming a line that is none."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            found.append(Asked(row["question"], row["article"]))
        except (ValueError, KeyError, TypeError):
            raise InvalidField(f"line {number} is not a question with its article") from None
    return found


def measure(search: Search, asked: Sequence[Asked], choice: Choice, day: date) -> Report:
    """What `choice` does with questions."""
    return _report(asked, [_best(seen, choice) for seen in _look(search, asked, day)], choice)


def fit(search: Search, asked: Sequence[Asked], embedder: str, day: date) -> Choice:
    """Weights from all questions; the threshold from each fold judged by the others' weights.

    What has no article becomes what is refused. Each fold is looked at without its own questions
    among those, or every one of them would stand beside itself.
    """
    folds = [range(fold, len(asked), FOLDS) for fold in range(FOLDS)]
    seen: list[Seen | None] = [None] * len(asked)
    for fold in folds:
        own = set(fold)
        bare = search.refusing(_refused([a for n, a in enumerate(asked) if n not in own]))
        for number, found in zip(fold, _look(bare, [asked[n] for n in fold], day), strict=True):
            seen[number] = found
    judged: list[tuple[str | None, float]] = [(None, 0.0)] * len(asked)
    for fold in folds:
        rest = [number for number in range(len(asked)) if number not in fold]
        weights = _weights([asked[n] for n in rest], [seen[n] for n in rest])
        held_out = _choice(weights, 0.0, embedder)
        for number in fold:
            judged[number] = _best(seen[number], held_out)
    choice = _choice(_weights(asked, seen), _threshold(asked, judged), embedder)
    return replace(choice, refused=_refused(asked))


def _refused(asked: Sequence[Asked]) -> tuple[str, ...]:
    return tuple(line.question for line in asked if line.article is None)


def _look(search: Search, asked: Sequence[Asked], day: date) -> list[Seen | None]:
    questions = [line.question for line in asked]
    reads = search.read(questions)
    return [search.look(q, day, read) for q, read in zip(questions, reads, strict=True)]


def _best(seen: Seen | None, choice: Choice) -> tuple[str | None, float]:
    if seen is None:
        return None, 0.0
    likely = choice.probabilities(seen.features, seen.doubts)[:-1]
    best = int(np.argmax(likely))
    return seen.articles[best].id, float(likely[best])


def _weights(asked: Sequence[Asked], seen: Sequence[Seen | None]) -> Floats:
    """Weights of the features, then of the doubts: the likeliest given the labels, pulled to 0."""
    cases = []
    for line, found in zip(asked, seen, strict=True):
        if found is not None:
            ids = [article.id for article in found.articles]
            right = ids.index(line.article) if line.article in ids else len(ids)
            wide = np.zeros((len(ids) + 1, len(FEATURES) + len(DOUBTS)))
            wide[:-1, : len(FEATURES)] = found.features
            wide[-1, len(FEATURES) :] = found.doubts
            cases.append((wide, right))

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = 0.0, np.zeros_like(weights)
        for wide, right in cases:
            scores = wide @ weights
            powers = np.exp(scores - scores.max())
            shares = powers / powers.sum()
            total -= np.log(shares[right] + 1e-12)
            slope += shares @ wide - wide[right]
        stiff = STIFFNESS * weights
        return float(total / len(cases) + stiff @ weights / 2), slope / len(cases) + stiff

    start = np.zeros(len(FEATURES) + len(DOUBTS))
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x)


def _choice(weights: Floats, threshold: float, embedder: str) -> Choice:
    rounded = [round(float(weight), 4) for weight in weights]
    features = tuple(rounded[: len(FEATURES)])
    return Choice(features, tuple(rounded[len(FEATURES) :]), threshold, embedder)


def _threshold(asked: Sequence[Asked], judged: Sequence[tuple[str | None, float]]) -> float:
    """The lowest from which `PRECISION` of what is said is right, on a grid of hundredths."""
    sure = np.array([confidence for _, confidence in judged])
    right = np.array([a.article == id for a, (id, _) in zip(asked, judged, strict=True)])
    for percent in range(1, 100):
        said = sure >= percent / 100
        if said.any() and right[said].mean() >= PRECISION:
            return percent / 100
    return 1.0


def _report(
    asked: Sequence[Asked], judged: Sequence[tuple[str | None, float]], choice: Choice
) -> Report:
    lines = [
        (a.article, id, p >= choice.threshold) for a, (id, p) in zip(asked, judged, strict=True)
    ]
    said = [(gold, id) for gold, id, spoken in lines if spoken]
    known = [(gold, id, spoken) for gold, id, spoken in lines if gold is not None]
    return Report(
        questions=len(lines),
        with_article=len(known),
        said=len(said),
        precision=_share([gold == id for gold, id in said]),
        coverage=_share([gold == id and spoken for gold, id, spoken in known]),
        first=_share([gold == id for gold, id, _ in known]),
        false_answers=_share([spoken for gold, _, spoken in lines if gold is None]),
    )


def _share(hits: Sequence[bool]) -> float:
    return round(sum(hits) / len(hits), 4) if hits else 0.0
