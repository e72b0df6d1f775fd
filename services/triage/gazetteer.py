"""Every name by which a place of the city may be called, from the pack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.city.pack import CityPack, Dong, Landmark

Kind = Literal["district", "dong", "landmark", "stem"]
Tail = Literal["any", "word", "place", "facility"]
"""What must follow: anything, the end of the word or a particle, a word of place, a facility."""

SPOKEN = str.maketrans("12345", "일이삼사오")
SHORT = 2
"""Dongs of this many syllables are also parts of other words, so their word must end."""


@dataclass(frozen=True, slots=True)
class Name:
    """One spelling, without spaces and in lower case, and where it may lie."""

    text: str
    kind: Kind
    place: str
    districts: frozenset[str]
    tail: Tail


def names(pack: CityPack) -> dict[str, Name]:
    """Spelling to name. A spelling of two places keeps both districts."""
    found: dict[str, Name] = {}
    for name in (*_districts(pack), *_dongs(pack), *_landmarks(pack), *_stems(pack)):
        known = found.get(name.text)
        if known is None:
            found[name.text] = name
        elif known.kind == name.kind:
            both = known.districts | name.districts
            found[name.text] = Name(name.text, name.kind, known.place, both, known.tail)
    return found


def compact(text: str) -> str:
    """A name as it is looked up: no spaces, lower case."""
    return "".join(text.split()).lower()


def _districts(pack: CityPack) -> Iterator[Name]:
    for district in pack.district_offices:
        yield Name(district, "district", district, frozenset({district}), "any")


def _dongs(pack: CityPack) -> Iterator[Name]:
    official = {dong.name for dong in pack.dongs}
    for dong in pack.dongs:
        spoken = dong.name.translate(SPOKEN)
        whole = "".join(char for char in dong.name if not char.isdigit())
        for text in {dong.name, spoken, whole if dong.name.endswith("동") else dong.name}:
            if text == whole != dong.name and whole in official:
                continue
            yield Name(text, "dong", dong.name, frozenset({dong.district}), _dong_tail(pack, dong))


def _dong_tail(pack: CityPack, dong: Dong) -> Tail:
    if dong.name in pack.place_words.weak_dongs:
        return "place"
    return "word" if len(dong.name) <= SHORT else "any"


def _landmarks(pack: CityPack) -> Iterator[Name]:
    for landmark in pack.landmarks:
        weak = {compact(alias) for alias in landmark.weak_aliases}
        strong = {compact(alias) for alias in (landmark.name, *landmark.aliases)} - weak
        yield from (_landmark(landmark, text, "any") for text in strong)
        yield from (_landmark(landmark, text, "place") for text in weak)


def _landmark(landmark: Landmark, text: str, tail: Tail) -> Name:
    return Name(text, "landmark", landmark.name, frozenset({landmark.district}), tail)


def _stems(pack: CityPack) -> Iterator[Name]:
    """`쌍촌` of 쌍촌동: with 역, 시장, 초등학교 after it, it names a place in the same district."""
    for dong in pack.dongs:
        stem = dong.name[:-1]
        plain = stem in pack.place_words.plain_stems or any(char.isdigit() for char in stem)
        if len(stem) > 1 and dong.name.endswith("동") and not plain:
            yield Name(stem, "stem", dong.name, frozenset({dong.district}), "facility")
