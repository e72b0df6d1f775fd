"""The articles in memory, searched by meaning and by letters at once.

An article is known by its title and example questions: each is a row of both matrices. Meaning is
the cosine of the embedder's vectors; letters are TF-IDF over n-grams that also cross spaces; and
what a question shares with the article's whole text counts too. Some hundred articles make one
matrix product each: no index structure would be faster.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.grams import Grams, doubled, fold
from models.prediction import Vectors
from services.city.articles import Article, Language

FEATURES = ("meaning", "letters", "shared", "mean_meaning", "service")
"""What an article is judged by, in the order of the columns of `Index.compare`."""
_HANGUL = re.compile("[가-힣ㄱ-ㅣ]")
_LATIN = re.compile("[A-Za-z]")

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Index:
    """`starts` gives the first row of each article; matrices have one row for each example."""

    articles: tuple[Article, ...]
    starts: NDArray[np.int64]
    vectors: Vectors
    grams: Grams
    letters: Any
    whole: Any
    services: Mapping[str, NDArray[np.int64]]
    pairs: frozenset[str]

    def compare(self, question: str, vector: Array, likely: Sequence[tuple[str, float]]) -> Array:
        """Shape (articles, features), each value in -1..1; for an index with articles."""
        folded = [doubled(question)]
        found = self.grams.find(folded)
        row, _ = self.grams.weigh(found, 1)
        weights = np.zeros(len(self.grams.keys), dtype=np.float32)
        weights[row.indices] = row.data
        meanings = self.vectors @ vector
        letters = self.letters @ weights
        shared = (self.whole @ weights**2) * (1 - self.strange(question))
        service = np.zeros(len(self.articles), dtype=np.float32)
        for code, probability in likely:
            service[self.services.get(code, _NONE)] = probability
        columns = (
            np.maximum.reduceat(meanings, self.starts),
            np.maximum.reduceat(letters, self.starts),
            shared,
            np.add.reduceat(meanings, self.starts) / self._sizes(),
            service,
        )
        return np.column_stack(columns)

    def strange(self, question: str) -> float:
        """The share of a question's letter pairs that stand in no article, 0 to 1."""
        pairs = letter_pairs(question)
        return sum(pair not in self.pairs for pair in pairs) / len(pairs) if pairs else 1.0

    def _sizes(self) -> NDArray[np.int64]:
        return np.diff(self.starts, append=len(self.vectors))


_NONE = np.zeros(0, dtype=np.int64)


def examples(article: Article) -> tuple[str, ...]:
    """The texts that a question is compared with."""
    return (article.title, *article.questions)


def build(articles: Sequence[Article], vectors: Vectors) -> Index:
    """An index; `vectors` has a row for each of the articles' examples, one after the other."""
    texts = [[doubled(text) for text in examples(article)] for article in articles]
    flat = [text for group in texts for text in group]
    wholes = [
        doubled(" ".join((*examples(article), article.answer, article.more)))
        for article in articles
    ]
    grams = Grams.learn([*flat, *wholes], least=1)
    letters, _ = grams.weigh(grams.find(flat), len(flat))
    whole, _ = grams.weigh(grams.find(wholes), len(wholes))
    whole.data[:] = 1.0
    codes = {article.service for article in articles}
    return Index(
        articles=tuple(articles),
        starts=np.cumsum([0, *(len(group) for group in texts)])[:-1],
        vectors=vectors,
        grams=grams,
        letters=letters,
        whole=whole,
        pairs=frozenset(pair for text in wholes for pair in letter_pairs(text)),
        services={
            code: np.flatnonzero([article.service == code for article in articles])
            for code in codes
        },
    )


def letter_pairs(text: str) -> list[str]:
    """Two letters beside each other, wherever the spaces stand."""
    letters = fold(text).replace(" ", "")
    return [letters[at : at + 2] for at in range(len(letters) - 1)]


def language_of(question: str) -> Language:
    """English for a question in Latin letters without any Hangul."""
    return "en" if _LATIN.search(question) and not _HANGUL.search(question) else "ko"
