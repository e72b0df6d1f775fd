"""The road a text names and its class, by the rule in the pack."""

from __future__ import annotations

import re

import ahocorasick

from services.city.pack import RoadClass, Roads

NUMBERS = {
    "두": 2, "이": 2, "네": 4, "사": 4, "여섯": 6, "육": 6, "일곱": 7, "칠": 7,
    "여덟": 8, "팔": 8, "열": 10, "십": 10,
}  # fmt: skip
COUNT = rf"(\d+|{'|'.join(NUMBERS)})"
LANES = re.compile(rf"(?:왕복\s?)?{COUNT}\s?차\s?선|왕복\s?{COUNT}\s?차\s?로")
BESIDE = re.compile(r"\s?(?:옆|뒤|안쪽|뒤편|이면)\s?\S{0,4}\s?(?:골목|이면도로|길)")


class RoadReader:
    """Reads roads out of texts; holds no state between texts."""

    def __init__(self, roads: Roads) -> None:
        self._roads = roads
        names = sorted(roads.arterial_names, key=len, reverse=True)
        self._arterial = re.compile("|".join(map(_misspelt, names)))
        self._wide = re.compile("|".join(map(_spaced, roads.arterial_words)))
        self._narrow = re.compile("|".join(map(_spaced, roads.local_words)))
        self._words = ahocorasick.Automaton()
        for word in (*names, *roads.arterial_words, *roads.local_words):
            for text in ("".join(word.split()), "".join(word.split()).replace("대", "데")):
                self._words.add_word(text, text)
        self._words.make_automaton()

    def read(self, text: str) -> tuple[str | None, RoadClass | None]:
        """The arterial road that is named, and the class of road; None where no word tells."""
        lanes = "차" in text and self._many_lanes(text)
        if next(self._words.iter("".join(text.split())), None) is None:
            return None, "arterial" if lanes else None
        named = self._arterial.search(text)
        if named and not BESIDE.match(text, named.end()):
            return _name(named), "arterial"
        if lanes or self._wide.search(text):
            return None, "arterial"
        if named or self._narrow.search(text):
            return (_name(named) if named else None), "local"
        return None, None

    def _many_lanes(self, text: str) -> bool:
        counts = (found.group(1) or found.group(2) for found in LANES.finditer(text))
        lanes = (int(c) if c.isdigit() and len(c) < 3 else NUMBERS.get(c, 0) for c in counts)
        return any(self._roads.arterial_lanes_at_least <= n <= 20 for n in lanes)


def _misspelt(name: str) -> str:
    """A pattern for `…대로`, also written apart or heard as `…데로`."""
    return _spaced(name).replace("대", "[대데]")


def _name(found: re.Match[str]) -> str:
    return "".join(found.group().split()).replace("데로", "대로")


def _spaced(word: str) -> str:
    """A pattern for the word at the start of a word, with or without spaces inside."""
    return "(?<![가-힣])" + r"\s?".join(map(re.escape, word))
