"""Commands that use, make and measure the models: offline, without a database."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import click

from services.cli.surroundings import ARTIFACT, city_pack, model, pack_folder
from services.settings import ROOT

UNSEEN = ROOT / "tests" / "data" / "knowledge_unseen.jsonl"
"""Labelled questions that nothing is fitted to nor chosen by."""
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("source", type=click.File("r", encoding="utf-8"), default="-")
@click.argument("target", type=click.File("w", encoding="utf-8"), default="-")
def triage(source: IO[str], target: IO[str]) -> None:
    """Triage JSON lines {text, channel?, occurred_at?}, offline, with the service's own engine."""
    from services.cli.offline import triage_lines

    for line in triage_lines(source, city_pack(), *model()):
        target.write(line + "\n")


@click.command()
@click.argument("source", type=click.File("r", encoding="utf-8"), default="-")
@click.argument("target", type=click.File("wb"), default="-")
def embed(source: IO[str], target: IO[bytes]) -> None:
    """Embed lines of text: a float32 .npy with one row for each line."""
    from services.cli.offline import embed_lines

    embed_lines(source, target, *model())


@click.command()
@click.argument("source", type=click.File("r", encoding="utf-8"), default="-")
@click.argument("target", type=click.File("w", encoding="utf-8"), default="-")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Answer as on this day, not today.")
@click.option("--evaluate", "gold", type=FILE, help="Measure on JSON lines {question, article}.")
@click.option("--fit", "train", type=FILE, help="Fit to these lines first, measure on others.")
def answer(
    source: IO[str],
    target: IO[str],
    on: datetime | None,
    gold: Path | None,
    train: Path | None,
) -> None:
    """Answer lines of text from the city pack's articles: JSON lines {article, title, answer,
    confidence}, all null where nothing is sure enough.
    """
    from services.cli import answering

    day = (on or datetime.now(ZoneInfo(city_pack().timezone))).date()
    if train is not None:
        gold = gold or UNSEEN
    if gold is not None:
        report = (
            answering.fit_answers(train, gold, day, pack_folder(), *model())
            if train
            else answering.evaluate_answers(gold, day, pack_folder(), *model())
        )
        click.echo(_json(report))
        return
    for line in answering.answer_lines(source, day, pack_folder(), *model()):
        target.write(line + "\n")


@click.command()
@click.option("--corpora", type=click.Path(path_type=Path), help="Folder of language data.")
@click.option("--data", type=click.Path(path_type=Path), default=ROOT / "models" / "data")
@click.option("--artifact", type=click.Path(path_type=Path), default=ARTIFACT)
@click.option("--embedder", default="", help="A sentence-transformers model to use instead.")
@click.option("--keep-embedder", is_flag=True, help="Take only petition titles from the corpora.")
def train(
    corpora: Path | None, data: Path, artifact: Path, embedder: str, keep_embedder: bool
) -> None:
    """Train the model; without --corpora the shipped embedder stays and the classifier is new.

    A training cut short goes on where it stopped.
    """
    from models.progress import on_terminal
    from models.training import train as run

    progress = on_terminal(partial(click.echo, err=True))
    run(data, corpora, artifact, embedder, progress, keep_embedder=keep_embedder)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write files here.")
@click.option("--corpora", type=FOLDER, help="FILE labels petition titles that stand in here.")
def evaluate(file: Path, as_json: bool, out: Path | None, corpora: Path | None) -> None:
    """Measure triage on labelled JSON lines {text, service, kind, urgency, district, channel}.

    With --out also write figures.json and confusion.png.
    """
    from models.complaints import read, titles
    from services.cli import evaluation

    gold = titles(file, corpora) if corpora else read(file)
    if not gold:
        raise click.UsageError("no labelled lines, or no petition titles in the corpora's folder")
    report, pairs = evaluation.evaluate_lines(gold, city_pack(), *model())
    if out is not None:
        evaluation.write(report, pairs, out)
    if as_json:
        click.echo(json.dumps(evaluation.as_json(report), ensure_ascii=False))
    else:
        click.echo(evaluation.as_table(report))


@click.command()
@click.option("--write", is_flag=True, help="Into the pack's pack.toml and the model card.")
@click.option("--corpora", type=FOLDER, help="Learn and measure with its petition titles too.")
def thresholds(write: bool, corpora: Path | None) -> None:
    """Fit the city pack's thresholds to the model: print them, or write them."""
    from models.complaints import DATA
    from models.training import learned_lines
    from services.cli import thresholds as fitting

    (folder, embedder), pack, file = model(), city_pack(), pack_folder() / "pack.toml"
    if embedder:
        raise click.UsageError("thresholds are fitted to the model's own embedder")
    text = file.read_text(encoding="utf-8")
    fitting.with_policy(text, pack.policy)
    found = fitting.fit_thresholds(pack, folder, learned_lines(DATA, corpora))
    click.echo(fitting.as_text(found), nl=False)
    if write:
        fitting.restate(found, replace(pack, policy=found.policy), folder, corpora)
        file.write_text(fitting.with_policy(text, found.policy), encoding="utf-8")


@click.group()
def bench() -> None:
    """Measure this machine, beside peers in the same run."""


@bench.command("triage")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True)
def bench_triage(rounds: int, as_json: bool) -> None:
    """Texts per second of triage and of the embedder, and the latency of one text."""
    from services.cli.bench import triage as measured

    report = measured.measure(city_pack(), *model(), measured.Plan(rounds))
    click.echo(_json(report) if as_json else measured.as_table(report))


@bench.command("intake")
@click.option("--connections", default="16,64", show_default=True, help="Each 1 to 64.")
@click.option("--seconds", default=5.0, show_default=True, type=click.FloatRange(0.1))
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True)
def bench_intake(connections: str, seconds: float, rounds: int, as_json: bool) -> None:
    """Complaints filed per second over HTTP, on a Postgres of its own, beside bare INSERTs."""
    from services.cli.bench import intake as measured

    plan = measured.Plan(_counts(connections, measured.MAX_CONNECTIONS), seconds, rounds)
    report = measured.measure(pack_folder(), plan)
    click.echo(_json(report) if as_json else measured.as_table(report))


@bench.command("live")
@click.option("--calls", default=50, show_default=True, type=click.IntRange(1, 500))
@click.option("--pause", default=1.0, show_default=True, type=click.FloatRange(0))
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True)
def bench_live(calls: int, pause: float, rounds: int, as_json: bool) -> None:
    """The wait between two turns of a live call, with so many calls at once."""
    from services.cli.bench import live as measured

    report = measured.measure(pack_folder(), measured.Plan(calls, pause, rounds))
    click.echo(_json(report) if as_json else measured.as_table(report))


def _counts(text: str, most: int) -> tuple[int, ...]:
    parts = text.split(",")
    if not all(part.isdecimal() and 1 <= int(part) <= most for part in parts):
        raise click.UsageError(f"--connections takes numbers from 1 to {most}, as in 16,64")
    return tuple(dict.fromkeys(map(int, parts)))


def _json(report: Any) -> str:
    return json.dumps(asdict(report), ensure_ascii=False)
