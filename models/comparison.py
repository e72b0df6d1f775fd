"""Sets classifier designs side by side: `python -m models.comparison [CORPORA]`.

Each design learns the services from all lines but the dev lines and their near-copies, and is asked
for the dev lines, then for the petition titles that nothing learns from, where the corpora are at
hand. Vectors know no label of their own line.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from models import artifact, complaints
from models.encoders import static_encoder
from models.fitting import SHARE, Lines, vocabulary
from models.grams import Grams, fold, thrice
from models.learning import UNSEEN
from models.linear import Machine, both, regression, support_vectors
from models.prediction import Vectors
from models.training import gather, learned_lines, parts

Scores = NDArray[np.float32]
CODES = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Trial:
    """Lines to learn from and lines to judge: n-grams in words, n-grams of all, vectors."""

    words: tuple[Any, Any]
    grams: tuple[Any, Any]
    vectors: tuple[Vectors, Vectors]
    codes: CODES
    labels: int


Design = Callable[[Trial], Scores]


def linear(machine: Machine, *sides: str, share: float = SHARE) -> Design:
    """A linear machine over some of the trial's features."""

    def scores(trial: Trial) -> Scores:
        seen, asked = (_beside(trial, side, sides, share) for side in (0, 1))
        fitted = machine(seen, trial.codes)
        return _wide(fitted.scores(asked), fitted.codes, trial)

    return scores


def boosted(trial: Trial) -> Scores:
    """Gradient boosting over the vectors' 256 numbers."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    fitted = HistGradientBoostingClassifier(max_iter=25, max_leaf_nodes=15, random_state=0)
    fitted.fit(trial.vectors[0], trial.codes)
    chances = fitted.predict_proba(trial.vectors[1])
    return _wide(np.log(np.maximum(chances, 1e-6)), fitted.classes_, trial)


def neighbours(count: int, width: float = 0.1) -> Design:
    """The nearest lines vote, the nearer the louder."""

    def scores(trial: Trial) -> Scores:
        likeness = trial.vectors[1] @ trial.vectors[0].T
        nearest = np.argpartition(-likeness, count, axis=1)[:, :count]
        loudness = np.exp(np.take_along_axis(likeness, nearest, axis=1) / width)
        votes = np.full((len(likeness), trial.labels), 1e-3)
        askers = np.repeat(np.arange(len(likeness)), count)
        shares = loudness / loudness.sum(axis=1, keepdims=True)
        np.add.at(votes, (askers, trial.codes[nearest.ravel()]), shares.ravel())
        shares = votes / votes.sum(axis=1, keepdims=True)
        return np.asarray(np.log(shares), dtype=np.float32)

    return scores


def prototypes(trial: Trial) -> Scores:
    """The nearest mean of a service's vectors."""
    sums = np.zeros((trial.labels, trial.vectors[0].shape[1]), dtype=np.float32)
    np.add.at(sums, trial.codes, trial.vectors[0])
    means = sums / (np.linalg.norm(sums, axis=1, keepdims=True) + 1e-9)
    return np.asarray(10 * trial.vectors[1] @ means.T, dtype=np.float32)


loose = partial(support_vectors, penalty=1.0)

DESIGNS: dict[str, Design] = {
    "SVM, n-grams in words (TF-IDF)": linear(loose, "words"),
    "SVM, n-grams thrice": linear(support_vectors, "grams"),
    "SVM, vector": linear(loose, "vectors", share=1.0),
    "SVM, n-grams in words + vector": linear(support_vectors, "words", "vectors"),
    "SVM, all n-grams + vector": linear(support_vectors, "grams", "vectors"),
    "softmax regression, all n-grams + vector": linear(regression, "grams", "vectors"),
    "sum of both (shipped)": linear(both, "grams", "vectors"),
    "gradient boosting, vector": boosted,
    "30 nearest neighbours, vector": neighbours(30),
    "prototypes, vector": prototypes,
}
BLENDS = {
    "mean of shipped and neighbours": (6, 8),
    "mean of shipped and prototypes": (6, 9),
    "mean of SVM and regression": (4, 5),
}


def trial_of(lines: Lines, seen: Sequence[int], asked: Sequence[int], codes: CODES) -> Trial:
    rows = [lines.rows[i] for i in seen]

    def features(
        write: Callable[[str], str], learn: Callable[[Sequence[str]], Grams]
    ) -> tuple[Any, Any]:
        texts = [[write(lines.rows[i].text) for i in some] for some in (seen, asked)]
        grams = learn(texts[0])
        first, second = (grams.weigh(grams.find(some), len(some))[0] for some in texts)
        return first, second

    return Trial(
        words=features(fold, Grams.learn),
        grams=features(thrice, lambda texts: vocabulary(texts, rows)),
        vectors=(lines.vectors[list(seen)], lines.vectors[list(asked)]),
        codes=codes[list(seen)],
        labels=int(codes.max()) + 1,
    )


def quality(scores: Scores, codes: CODES) -> tuple[float, float, float]:
    """Top-1, top-3, and the log loss at the temperature that suits these lines best."""
    order = np.argsort(-scores, axis=1)[:, :3]
    hits = order == codes[:, None]
    chances = softmax(scores * np.float32(temperature(scores, codes)), axis=1)
    loss = -np.log(np.maximum(chances[np.arange(len(codes)), codes], 1e-9)).mean()
    return float(hits[:, 0].mean()), float(hits.any(axis=1).mean()), float(loss)


def temperature(scores: Scores, codes: CODES) -> float:
    """What to multiply `scores` with so that their softmax is likeliest on `codes`."""
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(codes))

    def surprise(power: float) -> float:
        chances = softmax(scores * np.float32(np.exp(power)), axis=1)
        return -float(np.log(np.maximum(chances[rows, codes], 1e-12)).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3.0, 4.0), method="bounded").x))


def main() -> None:
    """Print one row of figures for each design and each set of lines held out."""
    corpora = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    rows, real = learned_lines(complaints.DATA, corpora), []
    if corpora:
        real = complaints.titles(complaints.DATA / complaints.TITLES / "unseen.jsonl", corpora)
    folder: Path = artifact.SHIPPED
    lines = gather([*rows, *real], static_encoder(folder / artifact.EMBEDDER), folder / UNSEEN)
    names = sorted({row.service for row in rows})
    codes = np.array([names.index(row.service) for row in lines.rows])
    sets = {"dev": complaints.dev_ids(), "titles": frozenset(row.id for row in real)}
    held_out = frozenset().union(*sets.values())
    seen, _, _ = parts(lines, complaints.near(lines.rows, lines.groups, held_out))
    _, asked, _ = parts(lines, [row.id in held_out for row in lines.rows])
    trial, found = trial_of(lines, seen, asked, codes), []
    parted = {
        name: np.array([lines.rows[i].id in ids for i in asked])
        for name, ids in sets.items()
        if ids
    }
    for design, scores in DESIGNS.items():
        began = time.perf_counter()
        found.append(scores(trial))
        took = time.perf_counter() - began
        for name, mask in parted.items():
            _print(name, design, found[-1][mask], codes[asked][mask], took)
    for blend, members in BLENDS.items():
        for name, mask in parted.items():
            gold, some = codes[asked][mask], [found[member][mask] for member in members]
            _print(name, blend, mean(some, gold), gold, 0.0)


def mean(some: Sequence[Scores], gold: CODES) -> Scores:
    """The mean of some designs' probabilities, as scores."""
    chances = [softmax(s * np.float32(temperature(s, gold)), axis=1) for s in some]
    return np.asarray(np.log(np.mean(chances, axis=0) + 1e-9), dtype=np.float32)


def _beside(trial: Trial, side: int, names: Sequence[str], share: float) -> Any:
    from scipy.sparse import csr_matrix, hstack

    known = {
        "words": trial.words[side],
        "grams": trial.grams[side],
        "vectors": csr_matrix(share * trial.vectors[side]),
    }
    return hstack([known[name] for name in names]).tocsr()


def _wide(scores: NDArray[np.floating[Any]], classes: CODES, trial: Trial) -> Scores:
    """A column for every label, those that were never seen far below."""
    wide = np.full((len(scores), trial.labels), scores.min() - 1, dtype=np.float32)
    wide[:, classes] = scores
    return wide


def _print(name: str, design: str, scores: Scores, gold: CODES, seconds: float) -> None:
    top1, top3, loss = quality(scores, gold)
    print(f"| {name} | {design} | {top1:.3f} | {top3:.3f} | {loss:.2f} | {seconds:.0f} s |")


if __name__ == "__main__":
    main()
