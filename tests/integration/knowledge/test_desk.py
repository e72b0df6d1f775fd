"""Articles from the pack to an answer, and what staff do to them in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from uuid_utils.compat import uuid7

from models.engine import load as load_model
from models.prediction import Engine
from services.city.articles import FOLDER, read_articles
from services.database import API, CITY, Database, Scope
from services.knowledge import gaps, store
from services.knowledge.choice import read_choice
from services.knowledge.desk import KnowledgeDesk, record_gap
from services.knowledge.loading import Loaded, load_articles
from services.knowledge.search import Answer, NoAnswer
from services.knowledge.states import By, edited, moved
from tests.conftest import ARTIFACT, PACK, Installation

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
QUESTION = "주민등록등본을 어떻게 떼나요"
AN = By("staff:writer", person=True)
BO = By("triage:reader", person=True)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load_model(ARTIFACT)


@pytest.fixture
def database(installation: Installation) -> Iterator[Database]:
    database = Database(installation.settings.database_url, API)
    database.open()
    yield database
    database.close()


def desk(database: Database, engine: Engine) -> KnowledgeDesk:
    return KnowledgeDesk(database, lambda: engine, read_choice(PACK / FOLDER))


def confirmed_id(found: Answer | NoAnswer) -> str | None:
    return found.article if isinstance(found, Answer) else None


def test_the_packs_confirmed_articles_are_read_out(database: Database, engine: Engine) -> None:
    held = desk(database, engine)
    assert confirmed_id(held.answer(QUESTION, DAY)) == "resident-copy"
    assert isinstance(held.answer("버스가 정류장에 안 서고 그냥 갔어요", DAY), NoAnswer)
    spoken = {article.id for article in held.search().articles}
    assert spoken == {article.id for article in read_articles(PACK) if article.confirmed}


def test_loading_again_changes_what_staff_left_alone_only(database: Database) -> None:
    articles = list(read_articles(PACK))
    with database.transaction(CITY) as conn:
        assert load_articles(conn, articles, NOW) == Loaded()
        held = store.find_article(conn, articles[0].id)
        mine = replace(held.article, title="직원이 고친 제목")
        store.save_step(conn, edited(held, mine, AN, NOW))
        theirs = [replace(article, title=f"{article.title}!") for article in articles[:2]]
        done = load_articles(conn, theirs, NOW)
        assert done == Loaded(changed=1, retired=len(articles) - 2, kept=1)
        assert store.find_article(conn, articles[0].id).article == mine
        assert store.find_article(conn, articles[1].id).article == theirs[1]
        assert store.find_article(conn, articles[2].id).state == "retired"
        assert load_articles(conn, theirs, NOW).changed == 0


def test_a_draft_leaves_the_approved_words_alone(database: Database, engine: Engine) -> None:
    with database.transaction(CITY) as conn:
        held = store.find_article(conn, "resident-copy")
        words = replace(held.article, answer="새 안내입니다.")
        store.save_step(conn, edited(held, words, AN, NOW))
        store.save_step(conn, moved(store.find_article(conn, "resident-copy"), "submit", AN, NOW))
    found = desk(database, engine).answer(QUESTION, DAY)
    assert isinstance(found, Answer)
    assert found.text == held.article.answer
    with database.transaction(CITY) as conn:
        store.save_step(conn, moved(store.find_article(conn, "resident-copy"), "approve", BO, NOW))
        steps = store.list_versions(conn, "resident-copy")
    found = desk(database, engine).answer(QUESTION, DAY)
    assert isinstance(found, Answer)
    assert found.text == "새 안내입니다."
    assert [(step.action, step.actor) for step in steps] == [
        ("load", "pack"),
        ("edit", AN.name),
        ("submit", AN.name),
        ("approve", BO.name),
    ]


def test_a_retired_article_falls_silent_and_one_that_ended_too(
    database: Database, engine: Engine
) -> None:
    held = desk(database, engine)
    assert confirmed_id(held.answer(QUESTION, DAY)) == "resident-copy"
    with database.transaction(CITY) as conn:
        article = store.find_article(conn, "resident-copy")
        ending = replace(article.article, valid_until=DAY)
        store.save_step(conn, edited(article, ending, AN, NOW))
        for action in ("submit", "approve"):
            article = store.find_article(conn, "resident-copy")
            store.save_step(conn, moved(article, action, BO, NOW))
    held._look_at = 0.0
    assert confirmed_id(held.answer(QUESTION, DAY)) == "resident-copy"
    assert confirmed_id(held.answer(QUESTION, DAY + timedelta(days=1))) != "resident-copy"
    with database.transaction(CITY) as conn:
        article = store.find_article(conn, "resident-copy")
        store.save_step(conn, moved(article, "retire", BO, NOW))
    held._look_at = 0.0
    assert confirmed_id(held.answer(QUESTION, DAY)) != "resident-copy"


def test_two_writers_of_one_version(database: Database) -> None:
    with database.transaction(CITY) as conn:
        held = store.find_article(conn, "resident-copy")
        store.save_step(conn, edited(held, held.article, AN, NOW))
        with pytest.raises(store.StaleArticle):
            store.save_step(conn, edited(held, held.article, BO, NOW))


def test_what_is_asked_alike_in_vain_is_one_gap(database: Database, engine: Engine) -> None:
    questions = [
        "무등산 국립공원 주차장은 몇 시에 여나요",
        "무등산 국립공원 주차장 몇 시에 여나요?",
        "시립미술관 입장료가 얼마예요",
    ]
    search = desk(database, engine).search()
    with database.transaction(Scope("channel", client="ars")) as conn:
        for minute, question in enumerate(questions):
            (read,) = search.read([question])
            at = NOW + timedelta(minutes=minute)
            nothing = NoAnswer("call-1330", 0.2)
            record_gap(conn, question, nothing, read, engine.version, uuid7(), at)
    with database.transaction(CITY) as conn:
        found = gaps.list_gaps(conn, "open", None, 10)
        assert [(gap.question, gap.asked) for gap in found] == [
            (questions[0], 2),
            (questions[2], 1),
        ]
        assert (found[0].first_at, found[0].last_at) == (NOW, NOW + timedelta(minutes=1))
        assert gaps.list_gaps(conn, "open", found[0], 10) == found[1:]
        assert gaps.close_gap(conn, found[0].id, "dismissed", BO.name, None)
        assert not gaps.close_gap(conn, found[0].id, "dismissed", BO.name, None)
        assert gaps.gauge_gaps(conn) == (1, 1)
    with database.transaction() as conn:
        assert gaps.list_gaps(conn, "open", None, 10) == []


def test_an_agency_writes_its_own_articles_only(database: Database) -> None:
    with database.transaction(Scope("agency", agency="bukgu")) as conn:
        held = store.find_article(conn, "resident-copy")
        with pytest.raises(store.StaleArticle):
            store.save_step(conn, edited(held, held.article, AN, NOW))
    with database.transaction(Scope("channel", client="ars")) as conn:
        assert store.list_live_articles(conn) == []
