"""A text is stored as a reader sees it."""

from __future__ import annotations

import unicodedata

import pytest

from services.intake.normalise import normalise


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("  가로등이\t 고장  ", "가로등이 고장", id="runs of blanks are one"),
        pytest.param(
            "첫 줄\r\n\r\n둘째 줄\r셋째", "첫 줄\n둘째 줄\n셋째", id="lines end in one way"
        ),
        pytest.param("가\u0000나\u0007다\u009b라", "가나다라", id="control characters go"),
        pytest.param("가\u200b나\u2060다\ufeff라\u00ad", "가나다라", id="zero-width goes"),
        pytest.param("\u202e도로\u202c 파손\u2066", "도로 파손", id="direction marks go"),
        pytest.param("가\u3000나\u00a0다", "가 나 다", id="blanks of every width are a blank"),
        pytest.param("도로 👍", "도로 👍", id="emoji stay"),
    ],
)
def test_what_is_kept(given: str, kept: str) -> None:
    assert normalise(given) == kept


def test_syllables_typed_on_a_mac_become_whole() -> None:
    assert normalise(unicodedata.normalize("NFD", "쓰레기 무단투기")) == "쓰레기 무단투기"


def test_taking_an_unseen_character_out_leaves_composed_text() -> None:
    assert normalise("e\u200b\u0301") == "é"


@pytest.mark.parametrize(
    "unseen",
    ["", " \t\n", "\u200b\u200d", "\u3164", "\u115f\u1160", "\uffa0", "\u2800", "\ufe0f", "\u2063"],
    ids=ascii,
)
def test_what_nobody_can_see_is_no_text(unseen: str) -> None:
    assert normalise(unseen) == ""
