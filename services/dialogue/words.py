"""Small answers by rule: yes and no, a person, again, a correction, an insult, another language."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.city.dialogue import Words

SHORT = 14
"""Letters up to which a wish for a person says nothing else worth filing."""
_NOISE = re.compile(r"[\s.,!?~…·\"'’()-]+")
_BUS = re.compile(
    r"\d{2,3}\s?번|(?:순환|좌석|첨단|수완|매월|송정|금남|대촌|지원|상무|봉선|문흥|진월|금호|일곡|용전|송암|임곡|풍암|운림|두암|석곡|충효|지산|빛고을)\s?\d{1,3}"
)
_LATIN = re.compile(r"[A-Za-z]")
_HANGUL = re.compile(r"[가-힣ㄱ-ㅎ]")
_OTHER_SCRIPT = re.compile(r"[\u0400-\u04ff\u0600-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff]")
LATIN_LETTERS = 6


@dataclass(frozen=True, slots=True)
class Small:
    """What the words alone say. `correction` is what follows "no, not that", perhaps nothing."""

    yes: bool = False
    no: bool = False
    unknown: bool = False
    cancel: bool = False
    repeat: bool = False
    person: bool = False
    foreign: bool = False
    insult: bool = False
    correction: str | None = None
    road: str | None = None
    bus: bool = False


class SmallWords:
    """Reads the small answers that the pack's words tell."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def read(self, text: str) -> Small:
        plain = _plain(text)
        words = self._words
        return Small(
            yes=_whole(plain, words.yes),
            no=_whole(plain, words.no),
            unknown=_has(plain, words.unknown),
            cancel=len(plain) <= SHORT and _has(plain, words.cancel),
            repeat=len(plain) <= SHORT and _has(plain, words.repeat),
            person=self._person(plain),
            foreign=_is_foreign(text) or (len(plain) <= SHORT and _has(plain, words.english)),
            insult=_has(plain, words.insult),
            correction=self._correction(text, plain),
            road=next((value for value, said in words.road.items() if _has(plain, said)), None),
            bus=bool(_BUS.search(text)),
        )

    def parts(self, text: str) -> list[str]:
        """The text cut where the caller begins a further matter; parts of a few letters stay."""
        joints = "|".join(r"\s*".join(map(re.escape, joint)) for joint in self._words.two_matters)
        parts = [part.strip(" ,.") for part in re.split(rf"(?:{joints})", text)]
        return parts if all(len(_plain(part)) >= MATTER_LETTERS for part in parts) else [text]

    def english_emergency(self, text: str) -> str | None:
        """Id of the agency to call for an English cry for help."""
        lowered = text.lower().replace("’", "'")
        for agency, phrases in self._words.emergency_english.items():
            if any(re.search(rf"\b{re.escape(phrase)}\b", lowered) for phrase in phrases):
                return agency
        return None

    def _person(self, plain: str) -> bool:
        words = self._words
        if plain in words.person_whole or _has(plain, words.person_part):
            return True
        who = "|".join(map(re.escape, words.person_who))
        do = "|".join(map(re.escape, words.person_do))
        return bool(
            re.search(rf"(?:{who})\D{{0,6}}(?:{do})", plain)
            or re.search(rf"(?:talkto|speakto|connect)\w{{0,8}}(?:{who})", plain)
        )

    def _correction(self, text: str, plain: str) -> str | None:
        for phrase in self._words.correction:
            if plain.startswith(phrase):
                after = re.match(r"[\s.,!?~]*".join(map(re.escape, phrase)), text.lower())
                return text[after.end() :].strip(" ,.") if after else ""
        return None


MATTER_LETTERS = 6


def _plain(text: str) -> str:
    return _NOISE.sub("", text).lower()


def _whole(plain: str, said: frozenset[str]) -> bool:
    """Whether the answer is one of the words, said once or a few times over."""
    if plain in said:
        return True
    if not 0 < len(plain) <= SHORT:
        return False
    return any(plain.startswith(one) and plain[len(one) :] in said for one in said)


def _has(plain: str, said: tuple[str, ...]) -> bool:
    return any(one in plain for one in said)


def _is_foreign(text: str) -> bool:
    latin, hangul = len(_LATIN.findall(text)), len(_HANGUL.findall(text))
    return (latin >= LATIN_LETTERS and latin > 2 * hangul) or (
        hangul == 0 and len(_OTHER_SCRIPT.findall(text)) > 1
    )
