"""Korean spelling as a speech recogniser bends it: names that differ in one sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

FIRST = 0xAC00
LAST = 0xD7A3
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
    return all(FIRST <= ord(char) <= LAST for char in word)


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
        self._by_first: dict[str, set[int]] = {}
        self._by_last: dict[str, set[int]] = {}
        for name in known:
            self._by_first.setdefault(name[0], set()).add(len(name))
            self._by_last.setdefault(name[-1], set()).add(len(name))

    def spans(self, chars: str) -> list[tuple[int, int]]:
        """Where known names may start and end in `chars`, in order.

        A quick look: one sound changes one syllable, so the first or the last one agrees.
        """
        found: set[tuple[int, int]] = set()
        for i, char in enumerate(chars):
            if lengths := self._by_first.get(char):
                found.update((i, i + length) for length in lengths)
            if lengths := self._by_last.get(char):
                found.update((i + 1 - length, i + 1) for length in lengths)
        return sorted((start, end) for start, end in found if start >= 0 and end <= len(chars))

    def of(self, word: str) -> set[str]:
        """Known names of the same length that sound like `word`, which must be Hangul."""
        found: set[str] = set()
        for key in _blanked(word):
            found |= self._names.get(key, set())
        return found
