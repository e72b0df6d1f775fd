"""Whatever a citizen writes: resident numbers go, the rest stays, and nothing changes twice."""

from __future__ import annotations

import json
import re
import unicodedata
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.api import strict_json
from services.errors import TriageError
from services.intake.masking import mask, without_resident_numbers
from services.intake.normalise import normalise

few = settings(max_examples=150, derandomize=True, deadline=None, database=None)

RESIDENT = re.compile(r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[- ]?[1-8]\d{6}(?!\d)")
LABEL = re.compile(r"\[(?:주민등록번호|전화번호|이메일|카드번호|계좌번호)\]")

dates = st.tuples(st.integers(0, 99), st.integers(1, 12), st.integers(1, 31))
residents = st.builds(
    lambda date, dash, tail: "{:02}{:02}{:02}".format(*date) + dash + str(tail),
    dates,
    st.sampled_from(["", "-", " "]),
    st.integers(1_000_000, 8_999_999),
)
numbers = st.from_regex(r"[0-9]{1,8}([ -]?[0-9]{1,8}){0,4}", fullmatch=True)
words = st.sampled_from(
    ["북구", "가로등이", "고장", "번호는", "입니다", "은행", "a@b.kr", ",", "에", "\n"]
)
texts = st.lists(st.one_of(residents, numbers, words, st.text(max_size=8)), max_size=12).map(
    " ".join
)


@few
@given(texts, residents)
def test_no_resident_number_is_left(text: str, number: str) -> None:
    for masked in (mask(f"{text}, {number}").text, without_resident_numbers(f"{text}, {number}")):
        assert not RESIDENT.search(masked)


@few
@given(texts)
def test_text_outside_the_masked_pieces_is_as_it_was(text: str) -> None:
    pieces = LABEL.split(mask(text).text)
    at = 0
    for piece in pieces:
        found = text.find(piece, at)
        assert found >= at
        at = found + len(piece)
    assert text.startswith(pieces[0])
    assert text.endswith(pieces[-1])


@few
@given(texts)
def test_what_was_masked_is_not_masked_again(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once


@few
@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()


unseen = st.sampled_from("\u200b\u200d\u00ad\u202e\u0301\u3164\ufe0f\r\n\t 가e")


@few
@given(st.lists(unseen, max_size=12).map("".join))
def test_normalising_marks_and_fillers_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, width=32),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=10,
)


@few
@given(values)
def test_json_is_read_as_json_reads_it_or_refused(value: Any) -> None:
    body = json.dumps(value)
    with suppress(TriageError):
        assert strict_json.parse(body.encode()) == json.loads(body)


@few
@given(st.binary(max_size=80))
def test_bytes_are_a_value_or_a_refusal(body: bytes) -> None:
    status = 200
    try:
        strict_json.parse(body)
    except TriageError as error:
        status = error.status
    assert status in (200, 400, 422)
