"""Small answers by rule: yes and no, a person, again, a correction, an insult, another language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from services.city.dialogue import Words

LONG = 20
SHORT = 14
"""Letters up to which a wish for a person says nothing else worth filing."""
_NOISE = re.compile(r"[\s.,!?~…·\"'’()-]+")
_BUS = re.compile(
    r"\d{2,3}\s?번|(?:순환|좌석|첨단|수완|매월|송정|금남|대촌|지원|상무|봉선|문흥|진월|금호|일곡|용전|송암|임곡|풍암|운림|두암|석곡|충효|지산|빛고을)\s?\d{1,3}"
)
_INSULT_END = "들아|들|아|야|놈.*|년.*|것.*|롬|럼|네|이|같은.*"
_LATIN = re.compile(r"[A-Za-zÀ-ɏ\u1ea0-\u1ef9]")
_HANGUL = re.compile(r"[가-힣ㄱ-ㅎ]")
_OTHER_SCRIPT = re.compile(
    r"[ăđơưĂĐƠƯ\u1ea0-\u1ef9\u0400-\u04ff\u0600-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff]"
)
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
    lead: Literal["yes", "no"] | None = None
    """A yes or no with more behind it, which is `rest`."""
    rest: str = ""
    declined: bool = False
    thanks: bool = False
    bye: bool = False
    wait: bool = False
    greeting: bool = False
    who: bool = False
    status: bool = False
    """What became of a complaint is asked."""
    refused: bool = False
    about_language: bool = False
    """Which language to speak is all that is said."""
    interpreter: bool = False
    """Words in a language that is neither Korean nor English."""
    key: str | None = None
    """A key's digit, spoken."""
    place_only: bool = False

    @property
    def says_nothing(self) -> bool:
        """Whether no matter is in the words, whatever a model may see in them."""
        talk = (self.greeting, self.who, self.refused, self.bye, self.wait, self.repeat)
        return any(talk) or self.key is not None


class SmallWords:
    """Reads the small answers that the pack's words tell."""

    def __init__(self, words: Words) -> None:
        self._words = words
        insults = "|".join(map(re.escape, sorted(words.insult, key=len, reverse=True)))
        self._insult = re.compile(
            rf"(?:{insults})(?:들아|들|아|야|놈.*|년.*|것.*|롬|럼|네|이|같은.*)?"
        )

    def read(self, text: str) -> Small:
        plain = _plain(text)
        words = self._words
        short = len(plain) <= SHORT
        pardon = len(plain) <= PARDON and text.rstrip().endswith("?") and _whole(plain, words.yes)
        yes, no, lead, rest = self._yes_or_no(text, plain)
        return Small(
            yes=yes and not pardon,
            no=no,
            unknown=_has(plain, words.unknown),
            cancel=short and _has(plain, words.cancel),
            repeat=pardon or (short and _has(plain, words.repeat)),
            person=self._person(plain),
            foreign=_is_foreign(text) or (short and _has(plain, words.english)),
            insult=any(map(self._insult.fullmatch, _tokens(text))),
            correction=self._correction(text, plain),
            road=next((value for value, said in words.road.items() if _has(plain, said)), None),
            bus=bool(_BUS.search(text)),
            lead=lead,
            rest=rest,
            declined=short and _has(plain, words.declined),
            thanks=short and _has(plain, words.thanks),
            bye=short and _has(plain, words.bye),
            wait=short and _has(plain, words.wait),
            greeting=self._is_greeting(plain),
            who=len(plain) <= LONG and _has(plain, words.who),
            status=len(plain) <= 2 * LONG
            and _has(plain, words.status_of)
            and _has(plain, words.status),
            refused=short and _has(plain, words.refused),
            about_language=len(plain) <= 2 * LONG and _has(plain, words.language),
            interpreter=_is_foreign(text) and bool(_OTHER_SCRIPT.search(text)),
            key=_key(plain),
            place_only=bool(plain) and all(map(_names_place, _tokens(text))),
        )

    def without_insults(self, text: str) -> str:
        """The text without its insults, which tell a model nothing; all of it if that is all."""
        kept = (one for one in text.split(" ") if not self._insult.fullmatch(_plain(one)))
        rest = " ".join(kept)
        return rest if len(_plain(rest)) >= MATTER_LETTERS else text

    def asks(self, text: str) -> bool:
        """Whether the words ask for something to be told, rather than done."""
        return _has("".join(text.split()).lower(), self._words.asking)

    def with_districts(self, text: str) -> str:
        """The text with the Korean names of the districts that it names in English letters."""
        lowered = text.lower()
        named = [k for k, said in self._words.district_english.items() if _has_word(lowered, said)]
        return " ".join([text, *named])

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

    def _yes_or_no(
        self, text: str, plain: str
    ) -> tuple[bool, bool, Literal["yes", "no"] | None, str]:
        """(yes, no, lead, rest): whole answers with courtesies, else what the first word says."""
        words, tokens = self._words, _tokens(text)
        first = next((one for one in tokens if one not in words.courtesy), "")
        small = words.yes | words.no | words.courtesy
        whole = bool(tokens) and all(one in small for one in tokens)
        yes, no = _whole(plain, words.yes), _whole(plain, words.no)
        if yes or no or whole:
            return yes or first in words.yes, no or first in words.no, None, ""
        lead: Literal["yes", "no"] | None = None
        rest = text.split(maxsplit=1)[1] if len(tokens) > 1 and len(text.split()) > 1 else ""
        if rest and tokens[0] in words.no:
            lead = "no"
        elif rest and tokens[0] in words.yes and not any(t in words.no for t in tokens):
            lead = "yes"
        return False, False, lead, rest.strip(" ,.") if lead else ""

    def _is_greeting(self, plain: str) -> bool:
        """Whether it is greetings and nothing else."""
        for word in sorted(self._words.greeting, key=len, reverse=True):
            plain = plain.replace(word, " ")
        return not plain.strip() and bool(plain)

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
PARDON = 2
"""Letters of a yes that, as a question, asks to be told again: 네?"""
_KEY = re.compile(r"(\d|[영공일이삼사오육])번(?:이요|이에요|입니다|요|이여|이제)?|(\d)")
_DIGITS = {"영": "0", "공": "0", "일": "1", "이": "2", "삼": "3", "사": "4", "오": "5", "육": "6"}
_PLACE = re.compile(
    r"(?:(?:광주|광주시|광주광역시|여기|여기는|[가-힣]+(?:[동구로길역]|\d가|시장|아파트|공원|초등학교|"
    r"사거리|오거리|터미널))(?:[앞옆뒤]|근처|쪽|부근)?"
    r"|(?:[앞옆뒤]|근처|쪽|부근))"
    r"(?:이요|요|이에요|예요|에요|인데|인데요|입니다|이여라|여라|이제라|이라우|에|에서|에서요)?"
)


def _plain(text: str) -> str:
    return _NOISE.sub("", text).lower()


def _tokens(text: str) -> list[str]:
    return [plain for one in text.split() if (plain := _plain(one))]


def _has_word(text: str, said: tuple[str, ...]) -> bool:
    return any(re.search(rf"\b{re.escape(one)}\b", text) for one in said)


def _key(plain: str) -> str | None:
    found = _KEY.fullmatch(plain)
    digit = (found[1] or found[2]) if found else None
    return _DIGITS.get(digit, digit) if digit else None


def _names_place(token: str) -> bool:
    return _PLACE.fullmatch(token) is not None


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
