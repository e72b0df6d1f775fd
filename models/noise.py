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

OPENED = 0.25
"""The share of copies that begin with an opener."""

OPENERS = {
    "voice": (
        "여보세요", "여보세요 거기 시청이죠", "예 거기 구청인가요", "아이고 여보세요",
        "네 안녕하세요", "수고하십니다", "저기요", "저기 뭐 하나 물어볼라고요", "저기 있잖아요",
        "다름이 아니라", "민원 좀 넣으려고요", "당직실이죠",
        "어디다 말해야 하는지 몰라서 전화했는데요",
    ),
    "web": (
        "안녕하세요.", "안녕하십니까.", "수고 많으십니다.", "늘 애써 주셔서 감사합니다.",
        "문의드립니다.", "민원 접수합니다.", "어디에 쓸지 몰라 여기에 남깁니다.", "다름이 아니라,",
    ),
}  # fmt: skip

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


def opened(row: Complaint, dice: random.Random) -> str:
    """The text, now and then behind the words with which people begin, which say nothing of it."""
    openers = OPENERS.get(row.channel, ())
    if not openers or dice.random() >= OPENED:
        return row.text
    return f"{dice.choice(openers)} {row.text}"


def noisy_copies(rows: Sequence[Complaint]) -> list[Complaint]:
    """Each line once more with noise; the id stays, and decides the noise."""
    return [replace(row, text=_copy(row, random.Random(row.id))) for row in rows]  # noqa: S311


def _copy(row: Complaint, dice: random.Random) -> str:
    return noisy(opened(row, dice), dice)
