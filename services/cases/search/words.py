"""Korean-aware words for Postgres's full text search: pairs of syllables, in their order.

Korean glues endings to words and is written with blanks or without, so whole words do not match.
Each run of Hangul is indexed as its pairs of neighbouring syllables and its last syllable, each at
its place; a word that is looked for must have its pairs next to each other. Letters of other
scripts and signs such as emoji are kept the same way, since they know no blanks either. Runs of
Latin letters and digits are words as they are. The texts are masked before they come here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from services.errors import InvalidField

LAST_PLACE: Final = 16_000
"""Postgres keeps places up to 16,383; what a text says after that is not found."""
MOST_WORDS: Final = 10
LONGEST_WORD: Final = 40
_RUNS: Final = re.compile(
    r"[0-9a-z]+|[가-힣]+|[^\W_0-9a-z가-힣]+|[^\w\s\u0000-\u00a0\u2000-\u206f\u3000-\u303f]+"
)


def document(texts: Iterable[str | None]) -> str:
    """The text form of a `tsvector`."""
    pieces: list[str] = []
    place = 1
    for run in (run for text in texts for run in _runs(text or "")):
        for part in _parts(run):
            if place > LAST_PLACE:
                return " ".join(pieces)
            pieces.append(f"'{part}':{place}")
            place += 1
        place += 1
    return " ".join(pieces)


def query(text: str) -> str:
    """The text form of a `tsquery` for all words of `text`; without a word it matches nothing.

    Raises `InvalidField` for U+0000, which Postgres takes in no text.
    """
    if "\0" in text:
        raise InvalidField("A value here can neither be stored nor looked for.")
    runs = list(dict.fromkeys(_runs(text)))[:MOST_WORDS]
    return " & ".join(_wanted(run) for run in runs)


def _runs(text: str) -> list[str]:
    return [
        run[:LONGEST_WORD] if run[0].isascii() else run
        for run in _RUNS.findall(unicodedata.normalize("NFKC", text).lower())
    ]


def _parts(run: str) -> list[str]:
    if run[0].isascii():
        return [run]
    return [run[start : start + 2] for start in range(len(run))]


def _wanted(run: str) -> str:
    """A syllable alone, and the beginning of a Latin word or a number, match what begins so."""
    if len(run) == 1 or run[0].isascii():
        return f"'{run}':*"
    pairs = [f"'{pair}'" for pair in _parts(run[:LONGEST_WORD]) if len(pair) == 2]
    return f"({' <-> '.join(pairs)})"
