"""What a speech recogniser does to Korean: words run together or apart, and letters as they sound.

The rules are those of the standard pronunciation (표준 발음법: liaison art. 13, nasals art. 18,
ㄹ art. 20, tensing art. 23, aspiration art. 12) and vowels that most speakers no longer tell apart.
How often each strikes is our own guess, harsher than the lines labelled as noisy.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from models.complaints import Complaint

SPACE_LOST = 0.12
SPACE_ADDED = 0.02
SOUND_HEARD = 0.3
"""The share of places where a rule could apply and does; about one syllable in ten changes."""

_TENSE = dict(zip("ᄀᄃᄇᄉᄌ", "ᄁᄄᄈᄊᄍ", strict=True))
_LINKED = dict(zip("ᆨᆫᆯᆷᆸᆺᆻᆽᆾᇀ", "ᄀᄂᄅᄆᄇᄉᄊᄌᄎᄐ", strict=True))
_NASAL = dict(zip("ᆨᆸᆮᆺᆻᆽᆾᇀ", "ᆼᆷᆫᆫᆫᆫᆫᆫ", strict=True))
SOUNDS = {
    **{tail + "ᄋ": lead for tail, lead in _LINKED.items()},
    **{tail + lead: _NASAL[tail] + lead for tail, lead in product(_NASAL, "ᄂᄆ")},
    **{tail + lead: tail + _TENSE[lead] for tail, lead in product("ᆨᆸᆮᆺᆻᆽ", _TENSE)},
    **{"ᆫᄅ": "ᆯᄅ", "ᆯᄂ": "ᆯᄅ", "ᆼᄅ": "ᆼᄂ", "ᆨᄒ": "ᄏ", "ᆸᄒ": "ᄑ", "ᆫᄒ": "ᄂ", "ᆯᄒ": "ᄅ"},
    **{"ᅢ": "ᅦ", "ᅦ": "ᅢ", "ᅫ": "ᅰ", "ᅬ": "ᅫ", "ᅰ": "ᅬ", "ᅴ": "ᅵ", "ᅤ": "ᅨ"},
    **{"ᆻ": "ᆺ", "ᆶ": "ᆯ", "ᆭ": "ᆫ", "ᆰ": "ᆨ"},
}
"""Decomposed letters and how they are heard; a tail and the next syllable's lead, or one letter."""

_HEARD = re.compile("|".join(sorted(SOUNDS, key=len, reverse=True)))
_BETWEEN = re.compile(r"(?<=[가-힣])(?=[가-힣])")


def noisy(text: str, dice: random.Random) -> str:
    """`text` as a recogniser might write it: the same for the same state of `dice`."""

    def heard(match: re.Match[str]) -> str:
        return SOUNDS[match[0]] if dice.random() < SOUND_HEARD else match[0]

    letters = _HEARD.sub(heard, unicodedata.normalize("NFD", text))
    whole = unicodedata.normalize("NFC", letters)
    joined = re.sub(" ", lambda _: "" if dice.random() < SPACE_LOST else " ", whole)
    return _BETWEEN.sub(lambda _: " " if dice.random() < SPACE_ADDED else "", joined)


def noisy_copies(rows: Sequence[Complaint]) -> list[Complaint]:
    """Each line once more with noise; the id stays, and decides the noise."""
    return [replace(row, text=noisy(row.text, random.Random(row.id))) for row in rows]  # noqa: S311
