"""`minwon bench triage`: whole triage and the embedder, each beside a peer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from models.artifact import EMBEDDER, verify
from models.complaints import DATA, Complaint, read_all
from models.encoders import Encoder, transformer_encoder
from models.engine import load as load_model
from services.city import CityPack
from services.cli.bench.machine import Machine, this_machine
from services.cli.bench.rounds import Latency, Rounds, Run, alternate, latency, rate, ratio
from services.cli.bench.side_by_side import workers
from services.cli.offline import BATCH, in_batches, triage_with
from services.triage.triage import Triage

PACKAGES = ("scikit-learn", "sentence-transformers", "torch", "model2vec", "numpy")
PEERS = {"triage": "tfidf_svm", "embedding": "sentence_transformers"}
"""Ours, and what stands beside it: a plain classifier, and the same vectors by the usual way."""

ALL_CORES = ("triage on all cores", "embedding on all cores")
"""The same by a process for each core: a rate only, for one text needs but one process."""

SENTENCE = 80
"""Characters of the sentences that all cores embed."""

Job = Callable[[Sequence[Complaint]], object]


@dataclass(frozen=True, slots=True)
class Plan:
    """`lines` of the training set, evenly spread, None for all; `singles` of them one by one."""

    rounds: int = 5
    lines: int | None = 5_000
    singles: int = 300


@dataclass(frozen=True, slots=True)
class Speed:
    """Texts a second in batches, and the latency of one text alone."""

    texts_per_second: float
    one: Latency


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours as a multiple of the peer's: of texts a second, and of the median latency of one."""

    texts_per_second: float
    one_p50: float


@dataclass(frozen=True, slots=True)
class AllCores:
    """One process for each core: whole triage, its rate as a multiple of one process's, and the
    embedder alone on sentences of `SENTENCE` characters."""

    processes: int
    texts_per_second: float
    of_one_process: float
    sentences_embedded_per_second: float


@dataclass(frozen=True, slots=True)
class TriageReport:
    bench: str
    machine: Machine
    texts: int
    mean_characters: float
    batch: int
    rounds: int
    ratios: dict[str, Ratio]
    speeds: dict[str, Speed]
    all_cores: AllCores


def measure(pack: CityPack, model: Path, embedder: str, plan: Plan) -> TriageReport:
    """Measure on the labelled lines that the repository ships; nobody asks whether it is right."""
    machine = this_machine(*PACKAGES)
    lines = _spread(read_all(DATA / "complaints"), plan.lines)
    jobs, sentences = _jobs(pack, model, embedder, lines), _sentences(lines)
    with workers(machine.cores, pack, model, embedder) as side_by_side:
        together: list[Job] = [
            lambda some: side_by_side.triage(map(_row, some)),
            lambda some: side_by_side.embed(sentences),
        ]
        turns = jobs | dict(zip(ALL_CORES, together, strict=True))
        batches = alternate(
            plan.rounds, {n: partial(_in_batches, j, lines) for n, j in turns.items()}
        )
    some = _spread(lines, plan.singles)
    singles = alternate(plan.rounds, {n: partial(_one_by_one, j, some) for n, j in jobs.items()})
    speeds = {name: Speed(rate(batches[name]), latency(singles[name])) for name in jobs}
    return TriageReport(
        bench="triage",
        machine=machine,
        texts=len(lines),
        mean_characters=round(sum(len(line.text) for line in lines) / len(lines), 1),
        batch=BATCH,
        rounds=plan.rounds,
        ratios={f"{o}/{p}": _ratio(batches, speeds, o, p) for o, p in PEERS.items()},
        speeds=speeds,
        all_cores=AllCores(
            processes=machine.cores,
            texts_per_second=rate(batches[ALL_CORES[0]]),
            of_one_process=ratio(batches[ALL_CORES[0]], batches["triage"]),
            sentences_embedded_per_second=rate(batches[ALL_CORES[1]]),
        ),
    )


def as_table(report: TriageReport) -> str:
    rows = [f"{'':<24}{'texts/s':>10}{'p50 ms':>10}{'p95 ms':>10}"]
    rows += [
        f"{name:<24}{s.texts_per_second:>10,.0f}{s.one.p50_ms:>10.2f}{s.one.p95_ms:>10.2f}"
        for name, s in report.speeds.items()
    ]
    rows += [
        f"{name}: {r.texts_per_second:.2f} x texts/s, {r.one_p50:.2f} x latency of one"
        for name, r in report.ratios.items()
    ]
    every = report.all_cores
    rows.append(
        f"by {every.processes} processes: triage {every.texts_per_second:,.0f} texts/s, "
        f"{every.of_one_process:.2f} x one process; embedding "
        f"{every.sentences_embedded_per_second:,.0f} sentences/s of {SENTENCE} characters"
    )
    of = f"{report.texts} texts of {report.mean_characters} characters, batches of {report.batch}"
    return "\n".join([*rows, f"{of}, medians of {report.rounds} rounds", str(report.machine)])


def _jobs(pack: CityPack, model: Path, embedder: str, lines: Sequence[Complaint]) -> dict[str, Job]:
    engine = load_model(model, embedder)
    triage = Triage(pack, engine)
    plain = transformer_encoder(embedder or verify(model).embedder or str(model / EMBEDDER))
    return {
        "triage": lambda some: triage_with(triage, map(_row, some)),
        "tfidf_svm": partial(_by_text, _tfidf_svm(lines).predict),
        "embedding": partial(_by_text, engine.embed),
        "sentence_transformers": partial(_by_text, plain),
    }


def _tfidf_svm(lines: Sequence[Complaint]) -> Any:
    """The usual first answer: character 1-4-grams and one linear SVM over the services."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    pipeline = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 4)), LinearSVC())
    return pipeline.fit([line.text for line in lines], [line.service for line in lines])


def _by_text(work: Encoder, lines: Sequence[Complaint]) -> None:
    for batch in in_batches(line.text for line in lines):
        work(batch)


def _sentences(lines: Sequence[Complaint]) -> list[str]:
    """As many sentences as lines: the lines' words one after the other, cut every 80 characters."""
    words = " ".join(line.text for line in lines)
    words *= 1 + SENTENCE * len(lines) // len(words)
    return [words[at * SENTENCE : (at + 1) * SENTENCE] for at in range(len(lines))]


def _row(line: Complaint) -> dict[str, Any]:
    return {"text": line.text, "channel": line.channel}


def _in_batches(job: Job, lines: Sequence[Complaint]) -> Run:
    began = time.perf_counter()
    job(lines)
    return Run(len(lines), time.perf_counter() - began)


def _one_by_one(job: Job, lines: Sequence[Complaint]) -> Run:
    latencies = []
    for line in lines:
        began = time.perf_counter()
        job([line])
        latencies.append(time.perf_counter() - began)
    return Run(len(lines), sum(latencies), tuple(latencies))


def _ratio(batches: dict[str, Rounds[Run]], speeds: dict[str, Speed], one: str, peer: str) -> Ratio:
    waits = speeds[one].one.p50_ms / speeds[peer].one.p50_ms
    return Ratio(ratio(batches[one], batches[peer]), round(waits, 3))


def _spread(lines: Sequence[Complaint], count: int | None) -> Sequence[Complaint]:
    """`count` of the lines at even steps, or all: the lines stand sorted by service."""
    return lines if count is None else lines[:: max(1, len(lines) // count)][:count]
