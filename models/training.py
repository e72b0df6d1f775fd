"""Training from the shipped lines, and from public corpora where they are at hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models import artifact as store
from models import complaints, corpora, encoders, fitting
from models.card import card
from models.classifier import Classifier
from models.complaints import Complaint
from models.embedder import Recipe
from models.encoders import Encoder
from models.errors import ModelError
from models.evaluation import Report, evaluate
from models.learning import UNSEEN, learn_embedder, with_unseen
from models.prediction import Vectors

Progress = Callable[[str], None]
Figures = dict[str, Any]


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
        source = Source(artifact, corpora_folder, embedder_name, work)
        encoder, facts = _encoder(source, learned, progress)
        texts = [row.text for row in rows]
        vectors = with_unseen(work / UNSEEN, texts, encoder(texts))
        lines = Lines(rows, vectors, complaints.near_copies(rows))
        progress("training on every line")
        final = fitting.fit(rows, vectors, lines.groups).classifier
        progress("measuring on the dev lines")
        figures: Figures = {
            "embedder": facts,
            "lines": len(rows),
            "emergency_from": final.emergency_from,
            "dev": asdict(_measure(lines, {row.id for row in held_out})),
            "held_out_files": _by_file(lines, progress),
        }
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


def spearman(encoder: Encoder, pairs: Sequence[corpora.ScoredPair]) -> float:
    """Rank correlation of the vectors' cosine with the scores people gave."""
    from scipy.stats import spearmanr

    first, second = encoder([p.first for p in pairs]), encoder([p.second for p in pairs])
    cosines = np.sum(first * second, axis=1)
    return float(spearmanr(cosines, [p.score for p in pairs]).statistic)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the embedder comes from: another model by name, the corpora, or the artifact itself."""

    artifact: Path
    corpora: Path | None
    name: str
    work: Path


def _encoder(
    source: Source, learned: Sequence[Complaint], progress: Progress
) -> tuple[Encoder, Figures]:
    """The encoder to train on, its files copied or written to `work`, and what is known of it."""
    facts: Figures
    if source.name:
        encoder, facts = encoders.transformer_encoder(source.name), {"name": source.name}
    elif source.corpora:
        recipe, groups = Recipe(), complaints.near_copies(learned)
        source.work.mkdir(parents=True)
        learn_embedder(source.work, source.corpora, learned, groups, recipe, progress)
        encoder, facts = _static(source.work), {"recipe": asdict(recipe)}
    else:
        if store.verify(source.artifact).embedder:
            raise ModelError("the artifact holds no embedder: name one, or give the corpora")
        shutil.copytree(source.artifact / store.EMBEDDER, source.work / store.EMBEDDER)
        shutil.copy(source.artifact / UNSEEN, source.work)
        return _static(source.work), store.read_json(source.artifact / store.FIGURES)["embedder"]
    pairs = corpora.sts(source.corpora, "dev") if source.corpora else []
    if pairs:
        facts["korsts_dev_spearman"] = spearman(encoder, pairs)
    return encoder, facts


def _static(folder: Path) -> Encoder:
    return encoders.static_encoder(folder / store.EMBEDDER)


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
            shutil.copytree(work, folder, dirs_exist_ok=True)
        store.write_classifier(folder, final)
        store.write_json(folder / store.FIGURES, figures)
        (folder / store.CARD).write_text(card(figures), encoding="utf-8")

    store.replace(artifact, fill, name)
