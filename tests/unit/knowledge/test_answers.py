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
from services.knowledge.choice import NOTHING, read_choice
from services.knowledge.fitting import Asked, fit, measure, read_questions
from services.knowledge.forms import asks
from services.knowledge.search import Answer, NoAnswer, Search
from services.settings import ROOT

PACK = ROOT / "city" / "gwangju"
DAY = date(2026, 3, 2)
CHOICE = read_choice(PACK / "knowledge")
UNSEEN = read_questions(ROOT / "tests" / "data" / "knowledge_unseen.jsonl")
CHOSEN_BY = read_questions(ROOT / "tests" / "data" / "knowledge.jsonl")
FITTED = read_questions(ROOT / "models" / "data" / "knowledge.jsonl")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load_model(ROOT / "models" / "artifact")


@pytest.fixture(scope="module")
def search(engine: Engine) -> Search:
    return Search(confirmed_articles(PACK), engine, CHOICE)


def test_the_questions_are_enough_and_none_is_in_two_files() -> None:
    lines = UNSEEN + CHOSEN_BY + FITTED
    assert len({line.question for line in lines}) == len(lines)
    for part, least in ((UNSEEN, 150), (FITTED, 400)):
        assert sum(line.article is not None for line in part) >= least
        assert sum(line.article is None for line in part) >= least
    known = {article.id for article in confirmed_articles(PACK)}
    assert {line.article for line in lines if line.article} <= known
    assert len(known) >= 150
    assert CHOICE.refused == tuple(line.question for line in FITTED if line.article is None)


def test_the_figures_are_what_is_measured(search: Search) -> None:
    """Within a few questions: another machine's rounding or an article's edit moves one or two."""
    report, written = asdict(measure(search, UNSEEN, CHOICE, DAY)), CHOICE.figures
    for count in ("questions", "with_article", "said"):
        assert report[count] == pytest.approx(written[count], abs=5)
    for share in ("precision", "coverage", "first", "false_answers"):
        assert report[share] == pytest.approx(written[share], abs=0.03)


@pytest.mark.parametrize("questions", [UNSEEN, CHOSEN_BY], ids=["unseen", "chosen by"])
def test_what_is_said_stays_near_the_goal(search: Search, questions: list[Asked]) -> None:
    """The goal is .95: of some 80 answers, two standard errors are .05."""
    report = measure(search, questions, CHOICE, DAY)
    assert report.precision >= 0.9
    assert report.coverage >= 0.3
    assert report.first >= 0.84
    assert report.false_answers <= 0.05


def test_a_fit_needs_no_choice_before_it_and_refuses_what_is_alike(engine: Engine) -> None:
    articles = [a for a in confirmed_articles(PACK) if a.id.startswith(("call-", "water"))]
    known = {article.id for article in articles}
    asked = [line for line in FITTED if line.article in known or line.article is None][::2]
    search = Search(articles, engine, NOTHING)
    choice = fit(search, asked, engine.version, DAY)
    assert choice == fit(search, asked, engine.version, DAY)
    assert 0 < choice.threshold <= 1
    fitted = Search(articles, engine, choice)
    refused = [fitted.answer(question, DAY) for question in choice.refused[:40]]
    assert all(isinstance(found, NoAnswer) for found in refused)


@pytest.mark.parametrize(
    ("asking", "telling"),
    [
        ("가로등 고장은 어디에 말해요", "가로등이 꺼졌어요"),
        ("인감 띨라믄 워디로 간다요", "수도 계량기가 얼어서 터졌어요"),
        ("등본 떼는 방법", "쓰레기를 사흘째 안 가져가요"),
        ("비 오면 공사해도 되나요", "수돗물에서 냄새가 나요"),
        ("how do I report a fire", "the street light is broken"),
    ],
)
def test_the_form_of_words_tells_asking_from_telling(asking: str, telling: str) -> None:
    assert asks(asking)
    assert not asks(telling)


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
    for line in UNSEEN[:40]:
        one, other = search.rank(line.question, DAY), turned.rank(line.question, DAY)
        assert [share for _, share in one] == pytest.approx([share for _, share in other], abs=1e-5)


def test_no_articles_no_answer(engine: Engine) -> None:
    assert Search([], engine, CHOICE).answer("여권", DAY) == NoAnswer(None, 0.0)
