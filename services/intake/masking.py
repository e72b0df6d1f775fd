"""Personal data in free text: found, taken out, and named by kind in its place.

Resident registration numbers (주민등록번호) are dropped for good: the Personal Information
Protection Act, article 24-2, lets nobody keep them without a law that says so. Telephone, card,
account numbers and e-mail addresses are returned to the caller to be sealed apart from the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import phonenumbers
from stdnum import luhn

RESIDENT_NUMBER = "주민등록번호"
PHONE = "전화번호"
EMAIL = "이메일"
CARD = "카드번호"
ACCOUNT = "계좌번호"

_UNUSUAL = re.compile(r"[^\x00-\x7f가-힣]")
_MANY_DIGITS = re.compile(r"(?:\d[ .()-]{0,2}){7}")
_SPOKEN = "공영일이삼사오육륙칠팔구"
_GAP = r"(?:[\s,에의-]{0,3}|\s?다시\s?)"
_RESIDENT = re.compile(
    r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[\s.·_/~-]{0,3}[1-8][\d*]{6}(?!\d)"
    r"|(?<!\d)\d(?:[ -]{1,3}\d(?!\d)){12}"  # digit by digit, as a recogniser may write it
    rf"|[{_SPOKEN}](?:{_GAP}[{_SPOKEN}]){{12}}"
)
_EMAIL = re.compile(
    r"[A-Za-z0-9._%+-]{1,64}(?:@|\s?골뱅이\s?)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"
)
_CARD = re.compile(r"(?<!\d)(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{4}|\d{4}[ -]?\d{6}[ -]?\d{4,5})(?!\d)")
_ACCOUNT = re.compile(r"(?<![\d-])\d{2,6}-\d{2,6}-\d{2,7}(?:-\d{1,3})?(?![\d-])")
_NAMED_ACCOUNT = re.compile(
    r"(?:계좌|은행|농협|신협)[^\d\n]{0,20}(?!(?:19|20)\d\d[- ]\d\d?[- ]\d)(\d[\d -]{8,18}\d)"
)
_SPOKEN_PHONE = re.compile(
    rf"(?:(?<!\d)[0공영]\s?[1일]\s?[016-9공영일육륙칠팔구]|[공영]\s?[이삼사오육륙]{_GAP}[{_SPOKEN}])"
    rf"(?:{_GAP}[\d{_SPOKEN}]){{7,8}}(?!\d)"
)
_ACCOUNT_DIGITS = range(10, 15)


@dataclass(frozen=True, slots=True)
class Found:
    """One piece of personal data and the span of the text it stood in."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Masked:
    """A text fit to store, and what was taken out of it except resident numbers."""

    text: str
    found: tuple[tuple[str, str], ...]


def mask(text: str) -> Masked:
    """Replace personal data by `[kind]`; the first finder to claim a span has it."""
    plain = _plain(text)
    taken: list[Found] = []
    for finder in _FINDERS:
        for piece in finder(plain):
            if all(piece.end <= other.start or other.end <= piece.start for other in taken):
                taken.append(piece)
    taken.sort(key=lambda piece: piece.start)
    kept = tuple((piece.kind, piece.value) for piece in taken if piece.kind != RESIDENT_NUMBER)
    return Masked(_replace(text, taken), kept)


def without_resident_numbers(text: str) -> str:
    """The text with resident numbers taken out and all else as it was."""
    return _replace(text, list(_by_pattern(RESIDENT_NUMBER, _RESIDENT)(_plain(text))))


def _plain(text: str) -> str:
    """The text, character for character, in the forms that the patterns are written in."""
    return _UNUSUAL.sub(lambda match: _usual(match.group()), text)


def _usual(character: str) -> str:
    """A digit of any script as 0-9, a dash as "-", another form of an ASCII character as that."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if unicodedata.category(character) == "Pd" or character == "−":
        return "-"
    usual = unicodedata.normalize("NFKC", character)
    return usual if len(usual) == 1 else character


def _replace(text: str, taken: list[Found]) -> str:
    parts, end = [], 0
    for piece in taken:
        parts += [text[end : piece.start], f"[{piece.kind}]"]
        end = piece.end
    return "".join([*parts, text[end:]])


def _by_pattern(kind: str, pattern: re.Pattern[str]) -> Callable[[str], Iterator[Found]]:
    def find(text: str) -> Iterator[Found]:
        for match in pattern.finditer(text):
            yield Found(kind, match.group(), match.start(), match.end())

    return find


def _cards(text: str) -> Iterator[Found]:
    for match in _CARD.finditer(text):
        if luhn.is_valid(_digits(match.group())):
            yield Found(CARD, match.group(), match.start(), match.end())


def _phones(text: str) -> Iterator[Found]:
    if not _MANY_DIGITS.search(text):
        return
    for match in phonenumbers.PhoneNumberMatcher(text, "KR"):
        yield Found(PHONE, match.raw_string, match.start, match.end)


def _accounts(text: str) -> Iterator[Found]:
    for match in _NAMED_ACCOUNT.finditer(text):
        if len(_digits(match.group(1))) in _ACCOUNT_DIGITS:
            yield Found(ACCOUNT, match.group(1), match.start(1), match.end(1))
    for match in _ACCOUNT.finditer(text):
        if len(_digits(match.group())) in _ACCOUNT_DIGITS:
            yield Found(ACCOUNT, match.group(), match.start(), match.end())


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


_FINDERS = (
    _by_pattern(RESIDENT_NUMBER, _RESIDENT),
    _by_pattern(EMAIL, _EMAIL),
    _cards,
    _phones,
    _by_pattern(PHONE, _SPOKEN_PHONE),
    _accounts,
)
