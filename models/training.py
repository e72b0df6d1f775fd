"""Training from the shipped lines, and from public corpora where they are at hand."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
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
from models.evaluation import evaluate
from models.fitting import Lines
from models.learning import UNSEEN, learn_embedder, unit, with_unseen
from models.noise import noisy_copies
from models.progress import Progress
from models.stages import Stages, fingerprint, of_texts

Figures = dict[str, Any]

FEWEST = 3
"""Services that a classifier needs at least."""


def train(
    data: Path,
    corpora_folder: Path | None,
    artifact: Path,
    embedder_name: str = "",
    progress: Progress | None = None,
    recipe: Recipe | None = None,
    keep_embedder: bool = False,
) -> Figures:
    """Train, measure, and replace `artifact`; returns the figures that its card states.

    With `corpora_folder` the static embedder is learned anew, and titles labelled in `data` are
    learned too; without it, or with `keep_embedder`, the one in `artifact` stays. With
    `embedder_name` vectors come from that model and the artifact holds no embedder.
    The frozen dev lines take no part in learning the embedder or in the figures' classifiers; the
    classifier that is written has then learned from every line. A training cut short leaves its
    finished steps beside `artifact` and goes on from them. Raises `ModelError`.
    """
    rows = learned_lines(data, corpora_folder)
    dev = complaints.dev_ids(data)
    work = artifact.with_name(artifact.name + ".work")
    fresh = artifact.with_name(artifact.name + ".embedder")
    shutil.rmtree(fresh, ignore_errors=True)
    stages = Stages(work, progress or Progress(print))
    teaching = None if keep_embedder else corpora_folder
    source = Source(artifact, teaching, embedder_name, fresh, recipe or Recipe())
    aside = complaints.near(rows, complaints.near_copies(rows), dev)
    learned = [row for row, out in zip(rows, aside, strict=True) if not out]
    encoder, facts = _encoder(source, learned, stages)
    lines = gather(rows, encoder, fresh / UNSEEN)
    key = fingerprint([_said(lines.rows), of_texts(sorted(dev)), float(lines.vectors.sum())])
    figures: Figures = {
        "embedder": facts,
        "lines": len(rows),
        "titles": sum(complaints.family(row) == complaints.TITLES for row in rows),
        "dev": stages.facts("measuring on the dev lines", key, lambda: measure(lines, dev)),
        "held_out_families": _by_family(lines, stages, key),
    }
    stages.progress.say("training on every line")
    final = fitting.fit(lines).classifier
    figures["emergency_from"] = final.alarm.level
    _write(artifact, fresh, final, figures, embedder_name)
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(work, ignore_errors=True)
    return figures


def learned_lines(data: Path, corpora_folder: Path | None) -> list[Complaint]:
    """The lines of `data`, and with the corpora the petition titles that it has labels for."""
    rows = complaints.read_all(data / "complaints")
    if corpora_folder:
        rows += complaints.titles(data / complaints.TITLES / "learned.jsonl", corpora_folder)
    return rows


def gather(rows: Sequence[Complaint], encoder: Encoder, unseen: Path) -> Lines:
    """The lines and their noisy copies, with vectors that know no label of their own line.

    A copy's vector lies where noise moves it, seen from its line's unseen vector.
    """
    both = [*rows, *noisy_copies(rows)]
    vectors = encoder([row.text for row in both])
    seen, copies = vectors[: len(rows)], vectors[len(rows) :]
    real = with_unseen(unseen, [row.text for row in rows], seen)
    vectors = np.concatenate([real, unit(real + copies - seen)])
    return Lines(both, vectors, complaints.near_copies(rows) * 2, len(rows))


def spearman(encoder: Encoder, pairs: Sequence[corpora.ScoredPair]) -> float:
    """Rank correlation of the vectors' cosine with the scores people gave."""
    from scipy.stats import spearmanr

    first, second = encoder([p.first for p in pairs]), encoder([p.second for p in pairs])
    cosines = np.sum(first * second, axis=1)
    return float(spearmanr(cosines, [p.score for p in pairs]).statistic)


def measure(lines: Lines, held_out: frozenset[str]) -> Figures:
    """Figures on the lines `held_out` as written, and with noise, by a classifier new to them.

    It has learned from no near-copy of theirs either.
    """
    _, clean, noisy = parts(lines, [row.id in held_out for row in lines.rows])
    seen, _, _ = parts(lines, complaints.near(lines.rows, lines.groups, held_out))
    classifier = fitting.fit(lines.take(seen)).classifier

    def report(wanted: list[int]) -> Figures:
        gold = [lines.rows[i] for i in wanted]
        found = classifier.predict([row.text for row in gold], lines.vectors[wanted])
        return asdict(evaluate(gold, found))

    spoiled = report(noisy)
    kept = ("service_top1", "service_top3", "kind_accuracy", "emergency_recall", "channels")
    return report(clean) | {"with_noise": {name: spoiled[name] for name in kept}}


def parts(lines: Lines, held_out: Sequence[bool]) -> tuple[list[int], list[int], list[int]]:
    """Numbers of the lines to learn from, of those held out, and of the latter's noisy copies."""
    seen = [i for i, out in enumerate(held_out) if not out]
    clean = [i for i, out in enumerate(held_out) if out and i < lines.real]
    return seen, clean, [i + lines.real for i in clean]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the embedder comes from: another model by name, the corpora, or the artifact itself.

    `fresh` is the folder that gets the embedder's files.
    """

    artifact: Path
    corpora: Path | None
    name: str
    fresh: Path
    recipe: Recipe


def _encoder(
    source: Source, learned: Sequence[Complaint], stages: Stages
) -> tuple[Encoder, Figures]:
    """The encoder to train on, its files copied or written, and what is known of it."""
    facts: Figures
    if source.name:
        encoder, facts = encoders.transformer_encoder(source.name), {"name": source.name}
    elif source.corpora:
        groups = complaints.near_copies(learned)
        source.fresh.mkdir(parents=True)
        learn_embedder(source.fresh, source.corpora, learned, groups, source.recipe, stages)
        encoder, facts = _static(source.fresh), {"recipe": asdict(source.recipe)}
    else:
        if store.verify(source.artifact).embedder:
            raise ModelError("the artifact holds no embedder: name one, or give the corpora")
        shutil.copytree(source.artifact / store.EMBEDDER, source.fresh / store.EMBEDDER)
        shutil.copy(source.artifact / UNSEEN, source.fresh)
        return _static(source.fresh), store.read_json(source.artifact / store.FIGURES)["embedder"]
    pairs = corpora.sts(source.corpora, "dev") if source.corpora else []
    if pairs:
        facts["korsts_dev_spearman"] = spearman(encoder, pairs)
    return encoder, facts


def _static(folder: Path) -> Encoder:
    return encoders.static_encoder(folder / store.EMBEDDER)


def _by_family(lines: Lines, stages: Stages, key: str) -> dict[str, Figures]:
    """Each family of files held out in turn, two at a time: a closer look at texts of its kind.

    A family without which too few services are left to learn is passed over.
    """
    services: dict[str, set[str]] = defaultdict(set)
    for row in lines.rows:
        services[complaints.family(row)].add(row.service)
    names = [
        name
        for name in sorted(services)
        if len(set().union(*(some for other, some in services.items() if other != name))) >= FEWEST
    ]

    def held_out(name: str) -> Figures:
        make = partial(_without, lines, name)
        found: Figures = stages.facts(f"measuring without {name}", key, make)
        return found

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(held_out, names), strict=True))


def _without(lines: Lines, name: str) -> Figures:
    seen, clean, _ = parts(lines, [complaints.family(row) == name for row in lines.rows])
    classifier = fitting.fit_services(lines.take(seen))
    gold = [lines.rows[i] for i in clean]
    chances = classifier.probabilities([row.text for row in gold], lines.vectors[clean])["service"]
    best = np.array(classifier.heads["service"].labels)[np.argsort(-chances, axis=1)[:, :3]]
    hits = best == np.array([[row.service] for row in gold])
    top1, top3 = float(hits[:, 0].mean()), float(hits.any(axis=1).mean())
    return {"lines": len(gold), "service_top1": top1, "service_top3": top3}


def _said(rows: Sequence[Complaint]) -> str:
    return fingerprint([[r.id, r.text, r.service, r.kind, r.urgency] for r in rows])


def _write(artifact: Path, fresh: Path, final: Classifier, figures: Figures, name: str) -> None:
    def fill(folder: Path) -> None:
        if not name:
            shutil.copytree(fresh, folder, dirs_exist_ok=True)
        store.write_classifier(folder, final)
        store.write_json(folder / store.FIGURES, figures)
        (folder / store.CARD).write_text(card(figures), encoding="utf-8")

    store.replace(artifact, fill, name)
