"""Questions to the city pack's articles without a server: answered, measured, fitted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from models.engine import load as load_model
from services.city import InvalidCityPack
from services.city.articles import FOLDER, Article, read_articles
from services.cli.offline import in_batches
from services.intake.normalise import normalise
from services.knowledge.choice import NOTHING, read_choice, write_choice
from services.knowledge.fitting import Report, fit, measure, read_questions
from services.knowledge.search import Answer, NoAnswer, Search


def confirmed_articles(city_pack: Path) -> list[Article]:
    """What an installation that no one has edited reads out; raises `InvalidCityPack`."""
    try:
        return [article for article in read_articles(city_pack) if article.confirmed]
    except ValueError as error:
        raise InvalidCityPack(str(error)) from None


def answer_lines(
    lines: Iterable[str], day: date, city_pack: Path, model: Path, embedder: str
) -> Iterator[str]:
    """One JSON line for each line of text, in order, answered as on `day`."""
    choice = read_choice(city_pack / FOLDER)
    search = Search(confirmed_articles(city_pack), load_model(model, embedder), choice)
    for batch in in_batches(normalise(line) for line in lines):
        for question, read in zip(batch, search.read(batch), strict=True):
            found = search.answer(question, day, read)
            yield json.dumps(as_json(found), ensure_ascii=False)


def as_json(found: Answer | NoAnswer) -> dict[str, Any]:
    """The line that `minwon answer` writes; all null where no article is sure enough."""
    if isinstance(found, NoAnswer):
        return {"article": None, "title": None, "answer": None, "confidence": None}
    return {
        "article": found.article,
        "title": found.title,
        "answer": found.text,
        "confidence": round(found.confidence, 4),
    }


def evaluate_answers(file: Path, day: date, city_pack: Path, model: Path, embedder: str) -> Report:
    """How the pack's articles and choice do on labelled questions."""
    choice = read_choice(city_pack / FOLDER)
    search = Search(confirmed_articles(city_pack), load_model(model, embedder), choice)
    return measure(search, read_questions(file), choice, day)


def fit_answers(
    train: Path, held_out: Path, day: date, city_pack: Path, model: Path, embedder: str
) -> Report:
    """Fit the pack's choice on one file, measure it on the other and write both down."""
    engine = load_model(model, embedder)
    search = Search(confirmed_articles(city_pack), engine, NOTHING)
    choice = fit(search, read_questions(train), engine.version, day)
    fitted = search.refusing(choice.refused)
    report = measure(fitted, read_questions(held_out), choice, day)
    write_choice(replace(choice, figures=asdict(report)), city_pack / FOLDER)
    return report
