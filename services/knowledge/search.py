"""A question in, an approved answer or none out; in memory, about a millisecond a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.prediction import Engine, Prediction, Vectors
from services.city.articles import Article, Language
from services.knowledge import index as indexes
from services.knowledge.choice import ASKING, Choice, doubts


@dataclass(frozen=True, slots=True)
class Answer:
    """What to read out. `confidence` is the probability, 0 to 1, that this article is right."""

    article: str
    title: str
    text: str
    more: str
    service: str
    agency: str
    department: str | None
    language: Language
    confidence: float


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing is sure enough; `nearest` names the likeliest article, if there is any."""

    nearest: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Read:
    """A question as triage reads it: whoever has triaged it already need not do so twice."""

    vector: NDArray[np.float32]
    services: tuple[tuple[str, float], ...]
    not_asking: float
    """The probability that it is no inquiry."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The articles in question, a row of features for each, and what speaks for saying nothing."""

    articles: tuple[Article, ...]
    features: NDArray[np.float32]
    doubts: NDArray[np.float64]


class Answering(Protocol):
    """Whatever answers questions; `services.knowledge.desk` does so from the database."""

    def answer(self, question: str, day: date, read: Read | None = None) -> Answer | NoAnswer: ...


class Search:
    """Answers from a fixed list of articles; as safe between threads as the engine is."""

    def __init__(
        self,
        articles: Sequence[Article],
        engine: Engine,
        choice: Choice,
        known: Search | None = None,
    ) -> None:
        """`known` lends its vectors, so that only new texts are embedded."""
        self._engine = engine
        self._choice = choice
        texts = [text for article in articles for text in indexes.examples(article)]
        self._vectors: dict[str, NDArray[np.float32]] = _embed(
            engine, [*texts, *choice.refused], known._vectors if known else {}
        )
        self._index = (
            indexes.build(articles, self._rows(texts), choice.refused, self._rows(choice.refused))
            if articles
            else None
        )

    def refusing(self, refused: Sequence[str]) -> Search:
        """The same articles with other questions that are known to have none."""
        return Search(
            self.articles, self._engine, replace(self._choice, refused=tuple(refused)), self
        )

    def _rows(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self._engine.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:] = self._vectors[text]
        return rows

    @property
    def articles(self) -> tuple[Article, ...]:
        return self._index.articles if self._index else ()

    def read(self, questions: Sequence[str]) -> list[Read]:
        """What the models make of questions, in order, their last marks left aside."""
        questions = [_unmarked(question) for question in questions]
        vectors = self._engine.embed(questions)
        predictions = self._engine.predict(questions, ["voice"] * len(questions), vectors)
        return [
            Read(vector, found.services, _not_asking(found))
            for vector, found in zip(vectors, predictions, strict=True)
        ]

    def answer(self, question: str, day: date, read: Read | None = None) -> Answer | NoAnswer:
        """The answer to read out on `day`, a date in the city.

        A question in English is answered from articles in English, any other from Korean ones.
        """
        ranked = self.rank(question, day, read)
        if not ranked:
            return NoAnswer(None, 0.0)
        article, confidence = ranked[0]
        if confidence < self._choice.threshold:
            return NoAnswer(article.id, confidence)
        return Answer(
            article=article.id,
            title=article.title,
            text=article.answer,
            more=article.more,
            service=article.service,
            agency=article.agency,
            department=article.department,
            language=article.language,
            confidence=confidence,
        )

    def rank(
        self, question: str, day: date, read: Read | None = None, most: int = 5
    ) -> list[tuple[Article, float]]:
        """The likeliest articles of `day` with their probabilities, best first, ties by id."""
        if not question.strip():
            return []
        seen = self.look(question, day, read or self.read([question])[0])
        if seen is None:
            return []
        likely = self._choice.probabilities(seen.features, seen.doubts)[:-1]
        best = sorted(range(len(likely)), key=lambda n: (-likely[n], seen.articles[n].id))[:most]
        return [(seen.articles[n], float(likely[n])) for n in best]

    def look(self, question: str, day: date, read: Read) -> Seen | None:
        """What there is to judge by; None where no article of `day` is in the question's language.

        The classifier knows Korean alone: of a question in English its word does not count.
        """
        question = _unmarked(question)
        language = indexes.language_of(question)
        chosen = [
            number
            for number, article in enumerate(self.articles)
            if article.language == language and article.valid_on(day)
        ]
        if self._index is None or not chosen:
            return None
        services, not_asking = (read.services, read.not_asking) if language == "ko" else ((), 0.0)
        features, refused = self._index.compare(question, read.vector, services)
        return Seen(
            tuple(self.articles[n] for n in chosen),
            features[chosen],
            doubts(question, not_asking, refused),
        )


def _unmarked(question: str) -> str:
    """Without the marks at its end: a recogniser puts them or not, as it likes."""
    return question.rstrip(" ?!.,~…？！。")


def _not_asking(found: Prediction) -> float:
    sure = found.kind_probability
    return 1 - sure if found.kind == ASKING else sure


def _embed(
    engine: Engine, texts: Sequence[str], known: Mapping[str, NDArray[np.float32]]
) -> dict[str, NDArray[np.float32]]:
    """A vector for each text; those in `known` are not made again."""
    fresh = [text for text in dict.fromkeys(texts) if text not in known]
    vectors = engine.embed(fresh)
    kept = {text: known[text] for text in texts if text in known}
    return kept | dict(zip(fresh, vectors, strict=True))
