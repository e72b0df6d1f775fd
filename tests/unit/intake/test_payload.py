"""Bodies: what each channel may send, and the code of every refusal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.errors import InvalidField
from services.intake.payload import ComplaintIn, parse

NOW = datetime(2026, 8, 3, 1, 0, tzinfo=UTC)
MARKER = "비밀표식7391"


def web(**changes: Any) -> dict[str, Any]:
    return {"channel": "web", "web": {"body": "가로등이 고장 났어요"}, **changes}


def spoken(*turns: tuple[str, str], **voice: Any) -> dict[str, Any]:
    segments = [{"speaker": speaker, "text": text} for speaker, text in turns]
    return {
        "channel": "voice",
        "voice": {"call_id": "call-1", "transcript": {"segments": segments}, **voice},
    }


def menu(**changes: Any) -> dict[str, Any]:
    block = {"session_id": "s-1", "menu_version": "1", "path": ["streetlight"], **changes}
    return {"channel": "visual_ars", "visual_ars": block}


def segment(**changes: Any) -> dict[str, Any]:
    turn = {"speaker": "caller", "text": "안녕하세요", **changes}
    return {"channel": "voice", "voice": {"call_id": "c", "transcript": {"segments": [turn]}}}


REFUSED: dict[str, tuple[str, Any]] = {
    "not an object": ("invalid_field", [MARKER]),
    "no body": ("invalid_field", {"channel": "web", "web": {}}),
    "empty": ("empty_text", web(web={"body": ""})),
    "blank": ("empty_text", web(web={"body": " \n\t"})),
    "zero-width only": ("empty_text", web(web={"body": "\u200b\u2060\u3164"})),
    "a title is no text": ("empty_text", web(web={"title": MARKER, "body": " "})),
    "an empty transcript": (
        "empty_text",
        {"channel": "voice", "voice": {"call_id": "c", "transcript": {"text": " "}}},
    ),
    "an empty path and no text": ("empty_text", menu(path=[])),
    "too long": ("text_too_long", web(web={"body": "가" * 20_001})),
    "too long in turns": ("text_too_long", spoken(*[("caller", "가" * 11_000)] * 2)),
    "unknown field": ("unknown_field", web(**{MARKER: 1})),
    "unknown field inside": ("unknown_field", web(web={"body": "글", MARKER: MARKER})),
    "another channel's block": ("channel_mismatch", {"channel": "voice", "web": {"body": "글"}}),
    "two blocks": ("channel_mismatch", {**menu(), "channel": "web", "web": {"body": "글"}}),
    "no block": ("channel_mismatch", {"channel": "web"}),
    "unknown channel": ("invalid_field", web(channel=MARKER)),
    "confidence under 0": ("out_of_range", segment(confidence=-1)),
    "confidence over 1": ("out_of_range", segment(confidence=1.01)),
    "latitude over 90": ("out_of_range", web(location={"lat": 91.0, "lon": 126.9})),
    "a very large number": ("out_of_range", web(location={"lat": 10**99, "lon": 126.9})),
    "half a point": ("invalid_field", web(location={"lat": 35.1})),
    "a number as text": ("invalid_field", web(location={"lat": "35.1", "lon": "126.9"})),
    "negative time": ("out_of_range", segment(start_ms=-1)),
    "time without zone": ("timezone_required", web(occurred_at="2026-08-03T09:00:00")),
    "a date alone": ("invalid_timestamp", web(occurred_at="2026-08-03")),
    "epoch number": ("invalid_timestamp", web(occurred_at=1_785_718_800)),
    "epoch number as text": ("invalid_timestamp", web(occurred_at="1785718800")),
    "epoch fraction as text": ("invalid_timestamp", web(occurred_at="1785718800.5")),
    "year 9999": ("invalid_timestamp", web(occurred_at="9999-12-31T23:59:59Z")),
    "year 1999": ("invalid_timestamp", web(occurred_at="1999-12-31T23:59:59Z")),
    "day that is not": ("invalid_timestamp", web(occurred_at="2026-02-30T09:00:00Z")),
    "six minutes ahead": ("invalid_timestamp", web(occurred_at="2026-08-03T10:06:00+09:00")),
    "words for a time": ("invalid_timestamp", web(occurred_at=MARKER)),
    "a call that ends first": (
        "invalid_timestamp",
        spoken(
            ("caller", "여보세요"),
            started_at="2026-08-03T09:10:00+09:00",
            ended_at="2026-08-03T09:00:00+09:00",
        ),
    ),
    "text and segments": (
        "invalid_field",
        {
            "channel": "voice",
            "voice": {"call_id": "c", "transcript": {"text": "글", "segments": []}},
        },
    ),
    "unknown speaker": ("invalid_field", segment(speaker=MARKER)),
    "a path too long": ("invalid_field", menu(path=["x"] * 21)),
    "an unknown way to reply": ("invalid_field", web(contact={"reply_by": MARKER})),
    "a name too long": ("invalid_field", web(contact={"name": MARKER * 20})),
}


@pytest.mark.parametrize(("code", "body"), REFUSED.values(), ids=REFUSED.keys())
def test_a_body_is_refused_by_a_stable_code(code: str, body: Any) -> None:
    with pytest.raises(InvalidField) as caught:
        parse(body, NOW)
    assert caught.value.code == code
    assert caught.value.status == 422
    assert MARKER not in caught.value.detail + caught.value.pointer


def test_the_pointer_names_the_field() -> None:
    with pytest.raises(InvalidField) as caught:
        parse(segment(confidence=2), NOW)
    assert caught.value.pointer == "/voice/transcript/segments/0/confidence"


def test_a_call_in_which_the_caller_said_nothing_is_silent() -> None:
    silent = parse(spoken(("agent", "말씀하세요"), ("caller", " ")), NOW)
    assert silent.is_silent_call()
    assert not parse(spoken(("caller", "여보세요")), NOW).is_silent_call()


def test_only_the_caller_is_quoted() -> None:
    heard = parse(spoken(("agent", "말씀하세요"), ("caller", "불이 꺼졌"), ("caller", "어요")), NOW)
    assert heard.text() == "불이 꺼졌\n어요"


def test_a_menu_path_needs_no_words() -> None:
    assert parse(menu(), NOW).text() == ""


def test_twenty_thousand_characters_are_a_text() -> None:
    assert len(parse(web(web={"body": "가" * 20_000}), NOW).text()) == 20_000


@pytest.mark.parametrize(
    "moment",
    ["2026-08-03T10:04:59+09:00", "2026-08-03T01:00:00Z", "2026-08-03t01:00:00.123z"],
)
def test_times_of_rfc_3339_are_taken(moment: str) -> None:
    assert isinstance(parse(web(occurred_at=moment), NOW), ComplaintIn)
