"""The shipped articles on questions that nothing was fitted to, and what every search keeps."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.engine import load as load_model
from models.prediction import Engine
from services.cli.answering import confirmed_articles
from services.intake.normalise import normalise
from services.knowledge.choice import read_choice
from services.knowledge.fitting import measure, read_questions
from services.knowledge.search import Answer, NoAnswer, Search
from services.settings import ROOT

PACK = ROOT / "city" / "gwangju"
DAY = date(2026, 3, 2)
CHOICE = read_choice(PACK / "knowledge")
HELD_OUT = read_questions(ROOT / "tests" / "data" / "knowledge.jsonl")
FITTED = read_questions(ROOT / "models" / "data" / "knowledge.jsonl")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load_model(ROOT / "models" / "artifact")


@pytest.fixture(scope="module")
def search(engine: Engine) -> Search:
    return Search(confirmed_articles(PACK), engine, CHOICE)


def test_the_questions_are_enough_and_none_is_in_both_files() -> None:
    lines = HELD_OUT + FITTED
    assert len({line.question for line in lines}) == len(lines)
    assert sum(line.article is not None for line in lines) >= 300
    assert sum(line.article is None for line in lines) >= 200
    known = {article.id for article in confirmed_articles(PACK)}
    assert {line.article for line in lines if line.article} <= known
    assert len(known) >= 150


def test_the_figures_are_what_is_measured_and_stay_above_their_floor(search: Search) -> None:
    report = measure(search, HELD_OUT, CHOICE, DAY)
    assert asdict(report) == pytest.approx(dict(CHOICE.figures), abs=0.01)
    assert report.precision >= 0.9
    assert report.coverage >= 0.3
    assert report.first >= 0.87
    assert report.false_answers <= 0.09


def test_an_articles_own_question_is_answered_by_it(search: Search) -> None:
    asked = [(a.id, a.questions[0]) for a in search.articles]
    right = 0
    for (id, question), read in zip(asked, search.read([q for _, q in asked]), strict=True):
        found = search.answer(question, DAY, read)
        assert isinstance(found, NoAnswer) or found.confidence >= CHOICE.threshold
        right += isinstance(found, Answer) and found.article == id
    assert right >= 0.9 * len(asked)


@settings(max_examples=60, deadline=None)
@given(question=st.text(max_size=120))
def test_any_text_gets_one_steady_answer(search: Search, question: str) -> None:
    question = normalise(question)
    ranked = search.rank(question, DAY)
    assert ranked == search.rank(question, DAY)
    shares = [share for _, share in ranked]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= share <= 1 for share in shares)
    assert sum(shares) <= 1 + 1e-9


def test_the_order_of_articles_does_not_matter(engine: Engine, search: Search) -> None:
    turned = Search(search.articles[::-1], engine, CHOICE)
    for line in HELD_OUT[:40]:
        one, other = search.rank(line.question, DAY), turned.rank(line.question, DAY)
        assert [share for _, share in one] == pytest.approx([share for _, share in other], abs=1e-5)


def test_no_articles_no_answer(engine: Engine) -> None:
    assert Search([], engine, CHOICE).answer("여권", DAY) == NoAnswer(None, 0.0)
