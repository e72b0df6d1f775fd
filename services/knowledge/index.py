"""The articles in memory, searched by meaning and by letters at once.

An article is known by its title and example questions: each is a row of both matrices. Meaning is
the cosine of the embedder's vectors; letters are TF-IDF over n-grams that also cross spaces; and
what a question shares with the article's whole text counts too. Questions that have no article are
rows of two further matrices: what is near them is refused. Some hundred articles make one matrix
product each: no index structure would be faster.
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

FEATURES = ("meaning", "letters", "second", "shared", "covered", "service")
"""What an article is judged by, in the order of the columns of `Index.compare`."""
_HANGUL = re.compile("[가-힣ㄱ-ㅣ]")
_LATIN = re.compile("[A-Za-z]")

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rows:
    """Texts to compare with: unit rows of meaning and of letters, one for each text."""

    vectors: Vectors
    letters: Any

    def near(self, vector: Array, weights: Array) -> tuple[Array, Array]:
        """Cosines with a question, each of shape (texts,)."""
        return self.vectors @ vector, self.letters @ weights


@dataclass(frozen=True, slots=True)
class Pairs:
    """Letter pairs: `held` says which article has which, `rarity` how few have it.

    Shapes (articles, pairs + 1) and (pairs + 1,); the last column is a pair that none has.
    """

    columns: Mapping[str, int]
    held: Array
    rarity: Array

    def covered(self, question: str) -> Array:
        """The share of a question's words in each article, shape (articles,).

        A word counts by how rare its beginning is: Korean stems come first, endings last.
        """
        at: list[int] = []
        weights: list[float] = []
        for word in fold(question).split():
            pairs = [self.columns.get(pair, len(self.columns)) for pair in letter_pairs(word)]
            rarity = self.rarity[pairs]
            if rarity.sum():
                at += pairs
                weights += (rarity[:2].mean() * rarity / rarity.sum()).tolist()
        shares = self.held[:, at] @ np.array(weights, dtype=np.float32)
        return np.asarray(shares / max(sum(weights), 1.0))

    def known(self, question: str) -> float:
        """The share of a question's pairs that some article has, 0 to 1."""
        pairs = letter_pairs(question)
        return sum(pair in self.columns for pair in pairs) / max(len(pairs), 1)


@dataclass(frozen=True, slots=True)
class Index:
    """`starts` gives the first row of each article; `examples` has a row for each example."""

    articles: tuple[Article, ...]
    starts: NDArray[np.int64]
    grams: Grams
    examples: Rows
    refused: Rows
    whole: Any
    services: Mapping[str, NDArray[np.int64]]
    pairs: Pairs

    def compare(
        self, question: str, vector: Array, likely: Sequence[tuple[str, float]]
    ) -> tuple[Array, tuple[float, float]]:
        """Shape (articles, features), each value in -1..1, for an index with articles; and how
        near the nearest refused question is by meaning and by letters.
        """
        row, _ = self.grams.weigh(self.grams.find([doubled(question)]), 1)
        weights = np.zeros(len(self.grams.keys), dtype=np.float32)
        weights[row.indices] = row.data
        meanings, letters = self.examples.near(vector, weights)
        service = np.zeros(len(self.articles), dtype=np.float32)
        for code, probability in likely:
            service[self.services.get(code, _NONE)] = probability
        columns = (
            np.maximum.reduceat(meanings, self.starts),
            np.maximum.reduceat(letters, self.starts),
            self._second(np.asarray((meanings + letters) / 2, dtype=np.float32)),
            self.whole @ weights**2 * self.pairs.known(question),
            self.pairs.covered(question),
            service,
        )
        refused = self.refused.near(vector, weights)
        return np.column_stack(columns), (_highest(refused[0]), _highest(refused[1]))

    def _second(self, values: Array) -> Array:
        """The mean of each article's two nearest examples; an article has two or more texts."""
        nearest = np.maximum.reduceat(values, self.starts)
        sizes = np.diff(self.starts, append=len(values))
        others = np.where(values == np.repeat(nearest, sizes), -1.0, values)
        second = np.maximum.reduceat(others, self.starts)
        return np.asarray((nearest + second) / 2, dtype=np.float32)


_NONE = np.zeros(0, dtype=np.int64)


def _highest(values: Array) -> float:
    return float(values.max(initial=0.0))


def examples(article: Article) -> tuple[str, ...]:
    """The texts that a question is compared with."""
    return (article.title, *article.questions)


def build(
    articles: Sequence[Article], vectors: Vectors, refused: Sequence[str], refusals: Vectors
) -> Index:
    """An index; `vectors` has a row for each of the articles' examples, one after the other, and
    `refusals` one for each of `refused`.
    """
    groups = [[doubled(text) for text in examples(article)] for article in articles]
    flat = [text for group in groups for text in group]
    wholes = [" ".join((*examples(a), a.answer, a.more)) for a in articles]
    folded = [doubled(text) for text in wholes]
    none = [doubled(text) for text in refused]
    grams = Grams.learn([*flat, *folded, *none], least=1)
    whole, _ = grams.weigh(grams.find(folded), len(folded))
    whole.data[:] = 1.0
    codes = {article.service for article in articles}
    return Index(
        articles=tuple(articles),
        starts=np.cumsum([0, *(len(group) for group in groups)])[:-1],
        grams=grams,
        examples=Rows(vectors, grams.weigh(grams.find(flat), len(flat))[0]),
        refused=Rows(refusals, grams.weigh(grams.find(none), len(none))[0]),
        whole=whole,
        services={
            code: np.flatnonzero([article.service == code for article in articles])
            for code in codes
        },
        pairs=_pairs(wholes),
    )


def _pairs(wholes: Sequence[str]) -> Pairs:
    found = [set(letter_pairs(text)) for text in wholes]
    columns = {pair: at for at, pair in enumerate(sorted(set().union(*found)))}
    held = np.zeros((len(wholes), len(columns) + 1), dtype=np.float32)
    for row, pairs in zip(held, found, strict=True):
        row[[columns[pair] for pair in pairs]] = 1.0
    rarity = np.log((1 + len(wholes)) / (1 + held.sum(axis=0))).astype(np.float32)
    return Pairs(columns, held, rarity)


def letter_pairs(text: str) -> list[str]:
    """Two letters beside each other, wherever the spaces stand."""
    letters = fold(text).replace(" ", "")
    return [letters[at : at + 2] for at in range(len(letters) - 1)]


def language_of(question: str) -> Language:
    """English for a question in Latin letters without any Hangul."""
    return "en" if _LATIN.search(question) and not _HANGUL.search(question) else "ko"
