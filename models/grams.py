"""Character n-grams of one to four letters, weighed by TF-IDF, for whole batches at once.

An n-gram stays within a word; the spaces before and after the word count as its first and last
letters. Four UTF-16 code units fit into 64 bits, so a vocabulary is a sorted array of numbers and
no text is stored. Values are those of scikit-learn's `TfidfVectorizer(sublinear_tf=True)` given
the same n-grams; a test holds the two against each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from models.hearing import as_heard

LONGEST = 4
LEAST = 5
"""Texts that an n-gram must stand in to be kept; noisy copies count."""
BEYOND_BMP = re.compile("[\U00010000-\U0010ffff\ud800-\udfff]")
CONTROL = re.compile("[\x00-\x1f]")
SPACE = ord(" ")


def fold(text: str) -> str:
    """Compose, lower-case and collapse white space and control characters; signs outside the BMP
    become U+FFFD.
    """
    text = BEYOND_BMP.sub("\ufffd", unicodedata.normalize("NFC", text).lower())
    return " ".join(CONTROL.sub(" ", text).split())


def doubled(text: str) -> str:
    """The folded text and, as one more word, the same without its spaces.

    Citizens and speech recognisers set spaces as they like: n-grams of the last word cross them.
    """
    folded = fold(text)
    return f"{folded} {folded.replace(' ', '')}" if folded else ""


def thrice(text: str) -> str:
    """`doubled`, and as a last word the text without its spaces as it sounds.

    A recogniser writes what it hears: that word is the same for many ways to write it.
    """
    twice = doubled(text)
    return f"{twice} {as_heard(twice.rpartition(' ')[2])}" if twice else ""


ADDED = 2
"""Words that `thrice` adds to a text."""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Where known n-grams stand in a batch, as parallel arrays.

    `codes` holds the letters of all texts, a NUL and a space before each and a space after it;
    `starts` points into it.
    """

    codes: NDArray[np.uint16]
    owners: NDArray[np.int64]
    columns: NDArray[np.int64]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grams:
    """A vocabulary: `keys` ascending, and the inverse document frequency of each."""

    keys: NDArray[np.uint64]
    rarity: NDArray[np.float32]

    @classmethod
    def learn(cls, texts: Sequence[str], least: int = LEAST) -> Grams:
        """Take every n-gram that stands in `least` of the folded texts or more."""
        _, owners, keys, _, _ = _windows(texts)
        known, columns = np.unique(keys, return_inverse=True)
        pairs = np.sort(columns * len(texts) + owners)
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        spread = np.bincount(pairs // len(texts), minlength=len(known))
        kept = spread >= least
        rarity = np.log((1 + len(texts)) / (1 + spread[kept])) + 1
        return cls(known[kept], rarity.astype(np.float32))

    def only(self, columns: NDArray[np.int64]) -> Grams:
        """A vocabulary of some of the n-grams, by their ascending numbers."""
        return Grams(self.keys[columns], self.rarity[columns])

    def find(self, folded: Sequence[str]) -> Occurrences:
        """Every occurrence of a known n-gram in folded texts."""
        codes, owners, keys, starts, sizes = _windows(folded)
        columns = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        hit = self.keys[columns] == keys
        return Occurrences(codes, owners[hit], columns[hit], starts[hit], sizes[hit])

    def weigh(self, found: Occurrences, texts: int) -> tuple[Any, NDArray[np.float32]]:
        """A unit row of TF-IDF values for each text, and each occurrence's share of its value.

        The first is a sparse matrix of shape (texts, n-grams), the second lies beside `found`.
        """
        width = len(self.keys)
        cells, inverse, counts = np.unique(
            found.owners * width + found.columns, return_inverse=True, return_counts=True
        )
        rows, columns = np.divmod(cells, width)
        values = (1 + np.log(counts)) * self.rarity[columns]
        lengths = np.sqrt(np.bincount(rows, weights=values**2, minlength=texts))
        values = (values / lengths[rows]).astype(np.float32)
        bounds = np.searchsorted(rows, np.arange(texts + 1))
        matrix = csr_matrix((values, columns, bounds), shape=(texts, width))
        return matrix, (values / counts.astype(np.float32))[inverse]


def word_weights(
    folded: Sequence[str], found: Occurrences, amounts: NDArray[np.float32], most: int
) -> list[tuple[tuple[str, float], ...]]:
    """For each text its heaviest words; an n-gram's amount is shared out evenly to its letters.

    The words that `thrice` added are not named.
    """
    per_letter = np.zeros(len(found.codes) + 1)
    share = amounts / found.sizes
    for offset in range(LONGEST):
        reaches = found.sizes > offset
        where = found.starts[reaches] + offset
        per_letter += np.bincount(where, weights=share[reaches], minlength=len(per_letter))
    in_word = found.codes > SPACE
    begins = in_word & ~np.concatenate(([False], in_word[:-1]))
    number = np.cumsum(begins) - 1
    totals = np.bincount(number[in_word], weights=per_letter[:-1][in_word]).tolist()
    heaviest, at = [], 0
    for text in folded:
        words = text.split()
        own = max(0, len(words) - ADDED)
        named = zip(words[:own], totals[at : at + own], strict=True)
        weighed = dict(sorted(named, key=_weight))
        at += len(words)
        best = sorted(weighed.items(), key=_weight, reverse=True)[:most]
        heaviest.append(tuple((word, weight) for word, weight in best if weight > 0))
    return heaviest


def _weight(entry: tuple[str, float]) -> float:
    return entry[1]


def _windows(folded: Sequence[str]) -> tuple[NDArray[Any], ...]:
    """Letters of all texts, then for every n-gram its text, key, start and size."""
    joined = "".join(f"\0 {text} " if text else "\0" for text in folded)
    codes = np.frombuffer(joined.encode("utf-16-le"), dtype=np.uint16)
    letter, text_of = codes > SPACE, np.cumsum(codes == 0) - 1
    key, whole = codes.astype(np.uint64), np.ones(len(codes), dtype=bool)
    keys, starts = [key[letter]], [np.flatnonzero(letter)]
    for size in range(2, min(LONGEST, len(codes)) + 1):
        last = len(codes) - size + 1
        tail = codes[size - 1 :]
        key = (key[:last] << np.uint64(16)) | tail
        whole = whole[:last] & (letter[size - 2 : size - 2 + last] if size > 2 else True)
        where = np.flatnonzero(whole & (codes[:last] != 0) & (tail != 0))
        keys.append(key[where])
        starts.append(where)
    sizes = np.repeat(np.arange(1, len(keys) + 1), [len(part) for part in keys])
    start = np.concatenate(starts)
    return codes, text_of[start], np.concatenate(keys), start, sizes
