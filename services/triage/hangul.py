"""Korean spelling as a speech recogniser bends it: names that differ in one sound."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

FIRST = 0xAC00
HANGUL = re.compile("[가-힣]*")
SILENT = 11
"""Index of the initial ㅇ, to which a final consonant moves over in speech."""
MOVES = {1: 0, 4: 2, 7: 3, 8: 5, 16: 6, 17: 7, 19: 9, 22: 12, 23: 14, 24: 15, 25: 16, 26: 17}
"""Final consonant index to the initial index that it is heard as (표준발음법 제13항)."""


def sounds(word: str) -> tuple[int, ...]:
    """Three numbers for each syllable, with final consonants moved to where they are heard.

    `진월` and `지눨` give the same. The word must consist of Hangul syllables.
    """
    parts: list[int] = []
    for char in word:
        initial, rest = divmod(ord(char) - FIRST, 588)
        if parts and initial == SILENT and parts[-1] in MOVES:
            initial, parts[-1] = MOVES[parts[-1]], 0
        parts += (initial, *divmod(rest, 28))
    return tuple(parts)


def is_hangul(word: str) -> bool:
    return HANGUL.fullmatch(word) is not None


def _blanked(word: str) -> Iterator[tuple[int, ...]]:
    heard = sounds(word)
    yield from ((*heard[:i], -1, *heard[i + 1 :]) for i in range(len(heard)))


class Neighbours:
    """Finds which known names a misheard word may be: those that differ in at most one sound."""

    def __init__(self, names: Iterable[str]) -> None:
        known = set(names)
        self._names: dict[tuple[int, ...], set[str]] = {}
        for name in known:
            for key in _blanked(name):
                self._names.setdefault(key, set()).add(name)
        self.lengths = sorted({len(name) for name in known})
        self._by_first = _lengths((name[0], name) for name in known)
        self._by_last = _lengths((name[-1], name) for name in known)
        self._edge = re.compile("|".join({*self._by_first, *self._by_last}))

    def spans(self, chars: str, starts: Set[int]) -> Iterator[tuple[int, int]]:
        """Where known names that begin at one of `starts` may lie in `chars`.

        A quick look: one sound changes one syllable, so the first or the last one agrees.
        """
        for edge in self._edge.finditer(chars):
            if edge.start() in starts:
                for length in self._by_first.get(edge[0], ()):
                    if edge.start() + length <= len(chars):
                        yield edge.start(), edge.start() + length
            for length in self._by_last.get(edge[0], ()):
                if edge.end() - length in starts:
                    yield edge.end() - length, edge.end()

    def of(self, word: str) -> set[str]:
        """Known names of the same length that sound like `word`, which must be Hangul."""
        found: set[str] = set()
        for key in _blanked(word):
            found |= self._names.get(key, set())
        return found


def _lengths(edges: Iterable[tuple[str, str]]) -> dict[str, set[int]]:
    """A first or last syllable and how long the names are that have it."""
    found: dict[str, set[int]] = {}
    for edge, name in edges:
        found.setdefault(edge, set()).add(len(name))
    return found
