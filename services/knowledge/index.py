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

from models.grams import Grams, doubled
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

    def compare(self, question: str, vector: Array, likely: Sequence[tuple[str, float]]) -> Array:
        """Shape (articles, features), each value in -1..1; for an index with articles."""
        folded = [doubled(question)]
        found = self.grams.find(folded)
        row, _ = self.grams.weigh(found, 1)
        meanings = self.vectors @ vector
        letters = np.asarray((self.letters @ row.T).todense(), dtype=np.float32).ravel()
        shared = np.asarray((self.whole @ row.multiply(row).T).todense()).ravel()
        service = np.zeros(len(self.articles), dtype=np.float32)
        for code, probability in likely:
            service[self.services.get(code, _NONE)] = probability
        columns = (
            np.maximum.reduceat(meanings, self.starts),
            np.maximum.reduceat(letters, self.starts),
            shared.astype(np.float32),
            np.add.reduceat(meanings, self.starts) / self._sizes(),
            service,
        )
        return np.column_stack(columns)

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
        services={
            code: np.flatnonzero([article.service == code for article in articles])
            for code in codes
        },
    )


def language_of(question: str) -> Language:
    """English for a question in Latin letters without any Hangul."""
    return "en" if _LATIN.search(question) and not _HANGUL.search(question) else "ko"
