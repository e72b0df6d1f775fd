"""Finds names of places in a text: whole words only, with the spaces a recogniser puts wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

import ahocorasick

from services.city.pack import CityPack
from services.triage.gazetteer import Name, names
from services.triage.hangul import Neighbours, is_hangul

LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
PARTICLE = (
    "에서는|에서도|에서|에는|에도|에요|에|이에요|예요|이예요|이요|요|입니다|이고요|이고|인데요|인데|인디요|인디|"
    "인가|이라서|이라|라서|으로|로|은|는|이|가|을|를|도|만|의|와|과|이랑|랑|하고|까지|부터|처럼|서|쪽|앞|뒤|옆|"
    "(?:이었|였)(?:고요?|는데요?|어요|습니다)|근처|부근|인근|주변|일대|안|밑|위|사람|주민|센터|행정복지|동장|통장|경로당|사거리|골목|시장|주택|마을|데요|데"
)
WORD_END = re.compile(rf"(?:{PARTICLE})*(?![가-힣a-z])")
HERE = re.compile(
    r"\s?(?:에서|서(?![가-힣])|에(?:요|도|는)?(?![가-힣])|인데|인디|인가|이요|요(?![가-힣])|입니다|이에요|예요|"
    r"이고|사는|살고|사람|주민|앞|옆|뒤|근처|부근|인근|골목|아파트|빌라|원룸|오피스텔|상가|주택|주공|놀이터|건물|"
    r"쪽(?!으로))"
)
NEAR = re.compile(
    rf"{HERE.pattern}|\s?(?:쪽|까지|부터|방면|방향|지구|사거리|오거리|네거리|후문|정문|입구|시장|공원|병원|주차장|"
    r"공영|정류장|영화관|약국|심야|강변|천변|호수|도서관|체육|롯데|롯마|이마트|마트|술집|학원가|자취|기숙사|일대|교회|다리|번지|진입|나들목|램프)"
)
TOWARDS = re.compile(
    r"\s?(?:까지|으로|로(?![가-힣])|방면|방향|가는|갈(?![가-힣])|쪽으로|행(?![가-힣]))"
)
NOT_HERE = re.compile(r"(?:구?청)?(?:이|가|은|는)?\s?(?:아니고|아니구|아니라|아닌데|아님|말고)")
OFFICE = re.compile(r"\s?(?:구청|청|의회)")
TOWARDS_WEIGHT, OFFICE_WEIGHT = 0.4, 0.6
PLAIN_WEIGHT, HERE_WEIGHT = 1.0, 2.0
DISTRICT_BONUS = 1.5
OTHER_WORD = re.compile(r"안(?![에은의쪽])|의서|생(?!활)|물|작|료")
"""What turns `…동` into another word: 동안, 동의서, 동생, 동물, 동작, 동료."""
CONSENT = re.compile(r"의(?:서|를|가|도|하|해|했|율|\s?(?:없|안|받|구|얻|여부))")
COMPASS = re.compile(r"[남북]동(?:쪽|풍|부|향)")
NOT_A_DISTRICT = re.compile(r"화|식|적|권|라파|나(?![가-힣])|\s?씨|\s밖")
"""서구화, 서구식, 동구권, 북구라파, 동구 밖."""
CITY_ENDING = re.compile(r"(?:특별|광역|특례)?시$")
GLUED = ("우리", "저희", "여기", "거기", "지금", "근데")
MOST_SPACES = 1
DONG = "동"
HEARD_AS_DONG = re.compile("[동똥통돔돈둥덩퉁]")
LONG = 4
"""Names of so many characters are told apart even where the writer left out the space before."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in a text; the heavier, the likelier the matter lies there."""

    name: Name
    start: int
    weight: float


@dataclass(frozen=True, slots=True)
class Packed:
    """A text without its white space; `at` holds each character's index in `text`."""

    text: str
    chars: str
    at: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Packed:
        text = text.translate(LOWER)
        at = tuple([i for i, char in enumerate(text) if not char.isspace()])
        return cls(text, "".join(text.split()), at)

    def starts_word(self, i: int) -> bool:
        return i == 0 or self.at[i] > self.at[i - 1] + 1 or not self.chars[i - 1].isalpha()

    def word_starts(self) -> set[int]:
        return {i for i in range(len(self.chars)) if self.starts_word(i)}

    def spaces(self, start: int, end: int) -> int:
        return self.at[end - 1] - self.at[start] - (end - 1 - start)

    def after(self, end: int, length: int = 14) -> str:
        first = self.at[end - 1] + 1
        return self.text[first : first + length]


class MentionReader:
    """Reads the mentions in a text. Built once from a pack; holds no state between texts."""

    def __init__(self, pack: CityPack) -> None:
        self._names = names(pack)
        self._automaton = ahocorasick.Automaton()
        for text, name in self._names.items():
            self._automaton.add_word(text, name)
        self._automaton.make_automaton()
        self._before = (*pack.place_words.city_names, *pack.district_offices, *GLUED)
        self._districts = tuple(pack.district_offices)
        self._plain_stems = pack.place_words.plain_stems
        self._other_cities = pack.place_words.other_cities
        facilities = "|".join(sorted(pack.place_words.facilities, key=len, reverse=True))
        self._facility = re.compile(
            rf"\s?(?:\d?(?:{facilities})(?:아파트|단지)?(?:{PARTICLE})*(?![가-힣a-z])|쪽)"
        )
        likely = [
            name.text
            for name in self._names.values()
            if name.tail == "any" and len(name.districts) == 1 and _can_be_misheard(name)
        ]
        self._dongs = Neighbours(text for text in likely if text.endswith(DONG))
        self._others = Neighbours(text for text in likely if not text.endswith(DONG))

    def read(self, text: str) -> list[Mention]:
        """Mentions in the order of the text; names inside longer names are left out, and those
        where the writer says that it is not.

        If no name of one district is there, names that differ in one sound are looked for.
        """
        packed = Packed.of(text)
        found = [
            (last + 1 - len(name.text), last + 1, name)
            for last, name in self._automaton.iter(packed.chars)
        ]
        fitting = [item for item in found if self._fits(packed, *item)]
        longest = [item for item in fitting if not any(_inside(item, other) for other in fitting)]
        if not any(len(name.districts) == 1 for _, _, name in longest):
            longest += self._misheard(packed)
        return [
            Mention(name, start, _weight(packed.after(end), name))
            for start, end, name in longest
            if not NOT_HERE.match(packed.after(end))
        ]

    def _fits(self, packed: Packed, start: int, end: int, name: Name) -> bool:
        spaces = packed.spaces(start, end)
        if spaces > (MOST_SPACES if len(name.text) > len("양동") else 0):
            return False
        if not self._starts(packed, start, name) or not self._ends(packed, start, end, name):
            return False
        if _is_consent(packed, end):
            return False
        if not spaces or name.tail != "any" or name.kind == "district":
            return True
        return self._parts(packed, end, name) or bool(WORD_END.match(packed.after(end)))

    def _parts(self, packed: Packed, end: int, name: Name) -> bool:
        """Whether `치평 동우리` is 치평동 and what follows: its first part means nothing else."""
        stem = name.text[:-1]
        return packed.spaces(end - 2, end) > 0 and len(stem) > 1 and stem not in self._plain_stems

    def _starts(self, packed: Packed, start: int, name: Name) -> bool:
        if not packed.starts_word(start):
            before = packed.chars[max(0, start - 6) : start]
            if not before.endswith(self._before) and not _told_apart(packed, start, name):
                return False
        words = packed.text[: packed.at[start]].split()[-2:]
        return not any(CITY_ENDING.sub("", word) in self._other_cities for word in words)

    def _ends(self, packed: Packed, start: int, end: int, name: Name) -> bool:
        after = packed.after(end)
        if name.text.isascii() and after[:1].isascii() and after[:1].isalpha():
            return False
        if name.kind == "district":
            return not NOT_A_DISTRICT.match(after)
        if name.tail == "facility":
            return bool(self._facility.match(after))
        if name.tail == "place":
            return self._is_place(packed, start, name, after)
        if name.tail == "word":
            return bool(WORD_END.match(after))
        return not OTHER_WORD.match(after)

    def _is_place(self, packed: Packed, start: int, name: Name, after: str) -> bool:
        """Whether a name that is an ordinary word too stands for the place here."""
        if COMPASS.match(name.text + after):
            return False
        if NEAR.match(after) or self._facility.match(after):
            return True
        return packed.chars[:start].endswith(self._districts) and bool(WORD_END.match(after))

    def _misheard(self, packed: Packed) -> Iterator[tuple[int, int, Name]]:
        starts = packed.word_starts()
        for start, end in sorted(
            {*self._dong_spans(packed.chars, starts), *self._others.spans(packed.chars, starts)}
        ):
            if is_hangul(word := packed.chars[start:end]):
                yield from self._guess(packed, start, word)

    def _dong_spans(self, chars: str, starts: Set[int]) -> Iterator[tuple[int, int]]:
        for ending in HEARD_AS_DONG.finditer(chars):
            for length in self._dongs.lengths:
                if ending.end() - length in starts:
                    yield ending.end() - length, ending.end()

    def _guess(self, packed: Packed, start: int, word: str) -> Iterator[tuple[int, int, Name]]:
        end = start + len(word)
        after = packed.after(end)
        if word in self._names or OTHER_WORD.match(after) or not WORD_END.match(after):
            return
        if packed.spaces(start, end) > packed.spaces(end - 2, end) * word.endswith(DONG):
            return
        if _is_consent(packed, end):
            return
        heard = self._heard(word)
        heard = {text for text in heard if text[0] == word[0]} or heard
        near = [self._names[text] for text in heard]
        if len({district for name in near for district in name.districts}) == 1:
            yield start, end, near[0]

    def _heard(self, word: str) -> set[str]:
        """Names that `word` may be: one that ends in 동 stays so, or all else is right."""
        if word.endswith(DONG):
            return self._dongs.of(word)
        found = self._others.of(word)
        if HEARD_AS_DONG.match(word[-1]):
            found |= {text for text in self._dongs.of(word) if text[:-1] == word[:-1]}
        return found


def _inside(item: tuple[int, int, Name], other: tuple[int, int, Name]) -> bool:
    start, end, _ = item
    return other[0] <= start and end <= other[1] and other[1] - other[0] > end - start


def _told_apart(packed: Packed, start: int, name: Name) -> bool:
    """Whether a name within a run of letters is itself, by its length or by where the run ends."""
    if len(name.text) >= LONG:
        return True
    end = start + len(name.text)
    whole = name.kind == "dong" and name.tail == "any" and len(name.text) > len("양동")
    return whole and bool(WORD_END.match(packed.after(end)))


def _is_consent(packed: Packed, end: int) -> bool:
    """Whether a 동 that stands apart from its stem is that of 동의: 임대인 동의 없이."""
    return packed.spaces(end - 2, end) > 0 and bool(CONSENT.match(packed.after(end)))


def _can_be_misheard(name: Name) -> bool:
    return is_hangul(name.text) and len(name.text) >= (3 if name.kind == "dong" else LONG)


def _weight(after: str, name: Name) -> float:
    if OFFICE.match(after):
        return OFFICE_WEIGHT
    if TOWARDS.match(after):
        return TOWARDS_WEIGHT
    if name.kind == "district":
        return PLAIN_WEIGHT + DISTRICT_BONUS
    return HERE_WEIGHT if HERE.match(after) else PLAIN_WEIGHT
