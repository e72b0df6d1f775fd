from __future__ import annotations

import pytest
from tokenizers import Tokenizer

from models.artifact import EMBEDDER, SHIPPED


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(SHIPPED / EMBEDDER / "tokenizer.json"))


@pytest.mark.parametrize("text", ["뷁 𠮷 🚒", "가로등이 꺼졌어요!", "ꙮ", "abc 룛"])
def test_nothing_is_lost(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    assert tokenizer.token_to_id("<unk>") not in ids
    assert tokenizer.decode(ids) == text


def test_digits_and_marks_stand_alone(tokenizer: Tokenizer) -> None:
    pieces = tokenizer.encode("112에 신고!!!!!!", add_special_tokens=False).tokens
    assert pieces[1:4] == ["1", "1", "2"]
    assert pieces[-2:] == ["!", "!"]


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_blank_text_has_no_letters(tokenizer: Tokenizer, text: str) -> None:
    assert set(tokenizer.encode(text, add_special_tokens=False).tokens) <= {"▁"}
