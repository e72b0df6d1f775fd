"""One spelling for what sounds alike; the examples are those of the standard pronunciation."""

from __future__ import annotations

import random
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.complaints import Complaint
from models.hearing import as_heard
from models.noise import noisy

SYLLABLES = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=12)


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("없어요", "업써요"),  # art. 14: a pair of finals shares itself out
        ("앉아", "안자"),
        ("넋이", "넉시"),
        ("옷이", "오시"),  # art. 13
        ("깎아", "까까"),
        ("독립", "동닙"),  # art. 19
        ("국물", "궁물"),  # art. 18
        ("앞마당", "암마당"),
        ("신라", "실라"),  # art. 20
        ("칼날", "칼랄"),
        ("음료수", "음뇨수"),
        ("좋고", "조코"),  # art. 12
        ("많던", "만턴"),
        ("좋습니다", "조씀니다"),
        ("많소", "만쏘"),
        ("싫소", "실쏘"),
        ("놓아", "노아"),
        ("각하", "가카"),
        ("옷 한 벌".replace(" ", ""), "오탄벌"),
        ("꽃", "꼳"),  # art. 9
        ("닭", "닥"),  # art. 11
        ("국밥", "국빱"),  # art. 23
        ("세대", "새데"),
    ],
)
def test_what_sounds_alike_is_spelt_alike(written: str, heard: str) -> None:
    assert as_heard(written) == as_heard(heard)


def test_other_words_stay_apart() -> None:
    assert len({as_heard(word) for word in ("단수", "담수", "당수", "간수", "단추")}) == 5
    assert as_heard("112 abc, ㅠㅠ") == "112 abc, ㅠㅠ"


@given(SYLLABLES)
def test_no_syllable_is_lost(text: str) -> None:
    assert len(as_heard(text)) == len(text)


@given(SYLLABLES)
def test_silent_h_and_tense_consonants_are_gone(text: str) -> None:
    assert not set(normalize("NFD", as_heard(text))) & set("ᄁᄄᄈᄊᄍᇂᆭᆶ")


def test_a_recognisers_noise_is_mostly_undone(rows: list[Complaint]) -> None:
    """Nearly all lines that noise changed, spaces aside, sound as they did."""
    dice = random.Random(0)
    pairs = [(row.text.replace(" ", ""), noisy(row.text, dice).replace(" ", "")) for row in rows]
    changed = [(one, other) for one, other in pairs if one != other]
    same = [as_heard(one) == as_heard(other) for one, other in changed]
    assert len(same) > len(rows) / 2
    assert sum(same) / len(same) > 0.95
