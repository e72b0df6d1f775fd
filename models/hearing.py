"""Korean as it sounds: one spelling for whatever a recogniser may write for the same speech.

The rules are those of the standard pronunciation (표준 발음법): finals (art. 8-11), aspiration and
silent ㅎ (12), liaison (13-15), nasals (18, 19), ㄹ (20). Tense consonants count as plain ones, for
art. 23-28 make them of each other; so do vowels that most speakers no longer tell apart. What comes
out is for comparing, not for reading. A classifier must be trained anew when a rule is changed.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import product

SILENT, ASPIRATE, FLOWING = "ᄋ", "ᄒ", "ᄅ"
_PLAIN = dict(zip("ᄁᄄᄈᄊᄍ", "ᄀᄃᄇᄉᄌ", strict=True))
_ASPIRATED = dict(zip("ᄀᄃᄇᄌ", "ᄏᄐᄑᄎ", strict=True))
_VOWELS = dict(zip("ᅦᅨᅤᅫᅰᅴ", "ᅢᅢᅢᅬᅬᅵ", strict=True))
_LEADS = [chr(0x1100 + i) for i in range(19)]
_TAILS = [chr(0x11A8 + i) for i in range(27)]

_PARTS = {
    "ᆨ": ("", "ᄀ"), "ᆩ": ("", "ᄁ"), "ᆪ": ("ᆨ", "ᄉ"), "ᆫ": ("", "ᄂ"), "ᆬ": ("ᆫ", "ᄌ"),
    "ᆭ": ("", "ᄂ"), "ᆮ": ("", "ᄃ"), "ᆯ": ("", "ᄅ"), "ᆰ": ("ᆯ", "ᄀ"), "ᆱ": ("ᆯ", "ᄆ"),
    "ᆲ": ("ᆯ", "ᄇ"), "ᆳ": ("ᆯ", "ᄉ"), "ᆴ": ("ᆯ", "ᄐ"), "ᆵ": ("ᆯ", "ᄑ"), "ᆶ": ("", "ᄅ"),
    "ᆷ": ("", "ᄆ"), "ᆸ": ("", "ᄇ"), "ᆹ": ("ᆸ", "ᄉ"), "ᆺ": ("", "ᄉ"), "ᆻ": ("", "ᄊ"),
    "ᆼ": ("ᆼ", SILENT), "ᆽ": ("", "ᄌ"), "ᆾ": ("", "ᄎ"), "ᆿ": ("", "ᄏ"), "ᇀ": ("", "ᄐ"),
    "ᇁ": ("", "ᄑ"), "ᇂ": ("", SILENT),
}  # fmt: skip
"""Before a vowel: what of a final stays, and the consonant that moves over."""

_STOPS = {
    **dict.fromkeys("ᆨᆩᆿᆪᆰ", "ᆨ"), **dict.fromkeys("ᆮᆺᆻᆽᆾᇀᇂ", "ᆮ"), **dict.fromkeys("ᆸᇁᆹᆵ", "ᆸ"),
    **dict.fromkeys("ᆯᆲᆳᆴᆶ", "ᆯ"), **dict.fromkeys("ᆫᆬᆭ", "ᆫ"), **dict.fromkeys("ᆷᆱ", "ᆷ"), "ᆼ": "ᆼ",
}  # fmt: skip
"""Before a consonant and at the end: the seven sounds that finals come to."""

_NASALS = {"ᆨ": "ᆼ", "ᆮ": "ᆫ", "ᆸ": "ᆷ"}
_AFTER_H = {"ᇂ": "", "ᆭ": "ᆫ", "ᆶ": "ᆯ"}
_BREATHED_ON = {**_ASPIRATED, "ᄉ": "ᄉ"}
"""What a ㅎ before them makes of consonants."""


def as_heard(text: str) -> str:
    """`text` in NFC as it sounds: 없어요 and 업써요 both give 업서요."""
    letters = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _PATTERN.sub(_sound, letters))


def _sound(found: re.Match[str]) -> str:
    return _SOUNDS[found[0]]


def _meeting(tail: str, lead: str) -> str:
    """A final and the consonant after it, as they sound together."""
    stays, moves = _PARTS[tail]
    if lead == SILENT:
        return stays + _PLAIN.get(moves, moves)
    if lead == ASPIRATE and tail != "ᆷ":
        return stays + _breathed(_PLAIN.get(moves, moves))
    lead = _PLAIN.get(lead, lead)
    if tail in _AFTER_H and lead in _BREATHED_ON:
        return _AFTER_H[tail] + _BREATHED_ON[lead]
    return _side_by_side(_STOPS[tail], lead)


def _breathed(moves: str) -> str:
    """A final's consonant with ㅎ after it; between sonorants ㅎ falls silent."""
    return "ᄐ" if moves == "ᄉ" else _ASPIRATED.get(moves, moves)


def _side_by_side(stop: str, lead: str) -> str:
    if stop + lead in ("ᆫᄅ", "ᆯᄂ"):
        return "ᆯᄅ"
    if lead == FLOWING and stop != "ᆯ":
        return _NASALS.get(stop, stop) + "ᄂ"
    return (_NASALS.get(stop, stop) if lead in "ᄂᄆ" else stop) + lead


_SOUNDS = {
    **{tail + lead: _meeting(tail, lead) for tail, lead in product(_TAILS, _LEADS)},
    **_STOPS, **_PLAIN, **_VOWELS,
}  # fmt: skip
_PATTERN = re.compile(f"[{''.join(_TAILS)}][{''.join(_LEADS)}]?|[{''.join((*_PLAIN, *_VOWELS))}]")
