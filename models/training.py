"""Training from the shipped lines, and from public corpora where they are at hand."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models import artifact as store
from models import complaints, corpora, embedder, encoders, fitting, tokens
from models.card import card
from models.classifier import Classifier
from models.complaints import Complaint
from models.encoders import Encoder
from models.errors import ModelError
from models.evaluation import Report, evaluate
from models.prediction import Vectors

Progress = Callable[[str], None]
Figures = dict[str, Any]

VOCABULARY_TEXTS = 200_000


def train(
    data: Path,
    corpora_folder: Path | None,
    artifact: Path,
    embedder_name: str = "",
    progress: Progress = print,
) -> Figures:
    """Train, measure, and replace `artifact`; returns the figures that its card states.

    With `corpora_folder` the static embedder is learned anew; without it the one in `artifact` is
    kept. With `embedder_name` vectors come from that model and the artifact holds no embedder.
    The frozen dev lines take no part in learning the embedder or in the figures' classifiers; the
    classifier that is written has then learned from every line. Raises `ModelError`.
    """
    rows = complaints.read_all(data / "complaints")
    learned, held_out = complaints.split(rows, complaints.dev_ids(data))
    work = artifact.with_name(artifact.name + ".work")
    shutil.rmtree(work, ignore_errors=True)
    try:
        encoder, facts = _encoder(corpora_folder, artifact, embedder_name, learned, work, progress)
        vectors = encoder([row.text for row in rows])
        lines = Lines(rows, vectors, complaints.near_copies(rows))
        progress("measuring on the dev lines")
        figures = {
            "embedder": facts,
            "lines": len(rows),
            "dev": asdict(_measure(lines, {row.id for row in held_out})),
            "held_out_files": _by_file(lines, progress),
        }
        progress("training on every line")
        final = fitting.fit(rows, vectors, lines.groups).classifier
        figures["emergency_from"] = final.emergency_from
        _write(artifact, work, final, figures, embedder_name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return figures


@dataclass(frozen=True, slots=True)
class Lines:
    """Labelled lines with their vectors and the group of near-copies each belongs to."""

    rows: Sequence[Complaint]
    vectors: Vectors
    groups: Sequence[int]


def learn_embedder(
    folder: Path,
    corpora_folder: Path,
    own: list[str],
    recipe: embedder.Recipe,
    progress: Progress,
) -> None:
    """Learn a tokenizer and static vectors from `corpora_folder` and the texts `own`."""
    sentences = corpora.sentences(corpora_folder)
    if not sentences:
        raise ModelError("no corpus was found: see the model card for their names")
    progress(f"learning the vocabulary from {len(sentences)} sentences")
    dice = random.Random(recipe.seed)  # noqa: S311
    sample = dice.sample(sentences, min(VOCABULARY_TEXTS, len(sentences)))
    tokenizer = tokens.learn([*sample, *own * 5], recipe.vocabulary)
    progress("learning the first vectors")
    first = embedder.initial_vectors(tokenizer, [*sentences, *own * 3], recipe)
    lessons = embedder.Lessons(
        topics=corpora.halves([*sentences, *own * 3], recipe.seed),
        meanings=corpora.paraphrases(corpora_folder, recipe.seed),
        scored=corpora.sts(corpora_folder, "train"),
    )
    vectors = embedder.tune(tokenizer, first, lessons, recipe, progress)
    embedder.save(folder, tokenizer, vectors)


def spearman(encoder: Encoder, pairs: Sequence[corpora.ScoredPair]) -> float:
    """Rank correlation of the vectors' cosine with the scores people gave."""
    from scipy.stats import spearmanr

    first, second = encoder([p.first for p in pairs]), encoder([p.second for p in pairs])
    cosines = np.sum(first * second, axis=1)
    return float(spearmanr(cosines, [p.score for p in pairs]).statistic)


def _encoder(
    corpora_folder: Path | None,
    artifact: Path,
    name: str,
    learned: Sequence[Complaint],
    work: Path,
    progress: Progress,
) -> tuple[Encoder, Figures]:
    """The encoder to train on, its folder copied or written to `work`, and what is known of it."""
    facts: Figures
    if name:
        encoder, facts = encoders.transformer_encoder(name), {"name": name}
    elif corpora_folder:
        recipe = embedder.Recipe()
        learn_embedder(work, corpora_folder, [r.text for r in learned], recipe, progress)
        encoder, facts = encoders.static_encoder(work), {"recipe": asdict(recipe)}
    else:
        if store.verify(artifact).embedder:
            raise ModelError("the artifact holds no embedder: name one, or give the corpora")
        shutil.copytree(artifact / store.EMBEDDER, work)
        return encoders.static_encoder(work), store.read_json(artifact / store.FIGURES)["embedder"]
    pairs = corpora.sts(corpora_folder, "dev") if corpora_folder else []
    if pairs:
        facts["korsts_dev_spearman"] = spearman(encoder, pairs)
    return encoder, facts


def _measure(lines: Lines, held_out: set[str]) -> Report:
    """Figures on the lines `held_out`, by a classifier that has not seen them."""
    inside = np.array([row.id in held_out for row in lines.rows])
    seen: list[int] = np.flatnonzero(~inside).tolist()
    unseen: list[int] = np.flatnonzero(inside).tolist()
    rows = [lines.rows[i] for i in seen]
    fitted = fitting.fit(rows, lines.vectors[seen], [lines.groups[i] for i in seen])
    gold = [lines.rows[i] for i in unseen]
    texts = [row.text for row in gold]
    return evaluate(gold, fitted.classifier.predict(texts, lines.vectors[unseen]))


def _by_file(lines: Lines, progress: Progress) -> dict[str, Figures]:
    """Each source file held out in turn: a closer look at texts by other hands."""
    figures = {}
    for name in sorted({complaints.source(row) for row in lines.rows}):
        progress(f"measuring without {name}")
        report = asdict(_measure(lines, {r.id for r in lines.rows if complaints.source(r) == name}))
        figures[name] = {key: report[key] for key in ("lines", "service_top1", "service_top3")}
    return figures


def _write(artifact: Path, work: Path, final: Classifier, figures: Figures, name: str) -> None:
    def fill(folder: Path) -> None:
        if not name:
            shutil.copytree(work, folder / store.EMBEDDER)
        store.write_classifier(folder, final)
        store.write_json(folder / store.FIGURES, figures)
        (folder / store.CARD).write_text(card(figures), encoding="utf-8")

    store.replace(artifact, fill, name)
