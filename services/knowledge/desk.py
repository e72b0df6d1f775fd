"""Answers from the database's approved articles, held in memory and renewed within a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from models.prediction import Engine
from services.city.articles import Article
from services.database import CITY, Connection, Database
from services.errors import Unavailable
from services.knowledge import gaps, store
from services.knowledge.choice import Choice
from services.knowledge.search import Answer, NoAnswer, Read, Search

LOOK_SECONDS = 1.0
ALIKE = 0.2
"""Cosine distance within which two questions in vain count as one."""


class KnowledgeDesk:
    """Answers questions; looks for changed articles at most once a second, on asking.

    An approved article is read out within a second, a retired one no longer. Articles that end
    need no job: their days are compared with the day of the question. Safe between threads if the
    engine is.
    """

    def __init__(self, database: Database, engine: Callable[[], Engine], choice: Choice) -> None:
        """`engine` gives the engine once it is loaded, and until then raises `Unavailable`."""
        self._database = database
        self._engine = engine
        self.choice = choice
        self._lock = threading.Lock()
        self._search: Search | None = None
        self._revision = -1
        self._look_at = 0.0

    @property
    def loaded(self) -> bool:
        """False until the first articles are in memory; until then a question waits for them."""
        return self._search is not None

    def answer(self, question: str, day: date, read: Read | None = None) -> Answer | NoAnswer:
        """The answer for `day`, a date in the city; about a millisecond.

        `read` spares the models a second reading of the same text. Once a second one query more;
        after a change the index is built again, some 50 ms. Raises `Unavailable` only if there is
        no database and nothing was loaded before.
        """
        return self.search().answer(question, day, read)

    def rank(self, question: str, day: date, most: int = 5) -> list[tuple[Article, float]]:
        """The likeliest articles with their probabilities, best first, sure enough or not."""
        return self.search().rank(question, day, most=most)

    def article(self, id: str, day: date) -> Article | None:
        """The article `id` if it may be read out on `day`."""
        articles = self.search().articles
        return next((one for one in articles if one.id == id and one.valid_on(day)), None)

    def search(self) -> Search:
        """The articles as they stand; whoever comes while they are looked for takes the old."""
        held = self._search
        if held is not None and time.monotonic() < self._look_at:
            return held
        if not self._lock.acquire(blocking=held is None):
            return held or self.search()
        try:
            return self._renewed()
        finally:
            self._lock.release()

    def _renewed(self) -> Search:
        if self._search is not None and time.monotonic() < self._look_at:
            return self._search
        try:
            with self._database.transaction(CITY) as conn:
                revision = store.revision(conn)
                fresh = store.list_live_articles(conn) if revision != self._revision else None
        except Unavailable:
            if self._search is None:
                raise
            fresh, revision = None, self._revision
        if fresh is not None or self._search is None:
            articles = [article for article in fresh or () if article.confirmed]
            self._search = Search(articles, self._engine(), self.choice, self._search)
            self._revision = revision
        self._look_at = time.monotonic() + LOOK_SECONDS
        return self._search


def record_gap(
    conn: Connection,
    question: str,
    found: NoAnswer,
    read: Read,
    model_version: str,
    id: UUID,
    now: datetime,
) -> None:
    """Write down a question that got no answer; what is like it is counted, not kept again.

    `question` must be masked. The transaction's scope is city, an agency or a channel.
    """
    asked = gaps.Asked(question, read.vector, model_version, found.nearest, found.confidence)
    gaps.record_gap(conn, asked, id, now, ALIKE)
