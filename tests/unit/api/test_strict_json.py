"""A body has one meaning or none."""

from __future__ import annotations

import json

import pytest

from services.api.strict_json import parse
from services.errors import TriageError

MARKER = "비밀표식7391"
REFUSED: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "malformed_json"),
    "words": (MARKER.encode(), 400, "malformed_json"),
    "cut short": (b'{"a": [1, 2', 400, "malformed_json"),
    "two values": (b"{} {}", 400, "malformed_json"),
    "single quotes": (b"{'a': 1}", 400, "malformed_json"),
    "a comma too many": (b'{"a": 1,}', 400, "malformed_json"),
    "a raw line feed in a text": (b'{"a": "x\ny"}', 400, "malformed_json"),
    "NaN": (b'{"a": NaN}', 400, "malformed_json"),
    "Infinity": (b'{"a": Infinity}', 400, "malformed_json"),
    "-Infinity": (b'{"a": -Infinity}', 400, "malformed_json"),
    "1e400": (b'{"a": 1e400}', 400, "malformed_json"),
    "-1e400": (b'{"a": -1e400}', 400, "malformed_json"),
    "5,000 digits": (b'{"a": ' + b"9" * 5000 + b"}", 400, "malformed_json"),
    "5,000 digits after a point": (b'{"a": 0.' + b"9" * 5000 + b"}", 400, "malformed_json"),
    "leading zero": (b'{"a": 01}', 400, "malformed_json"),
    "100 lists": (b"[" * 100 + b"]" * 100, 400, "too_deep"),
    "100 objects": (b'{"a":' * 100 + b"1" + b"}" * 100, 400, "too_deep"),
    "100,000 lists": (b"[" * 100_000 + b"]" * 100_000, 400, "too_deep"),
    "duplicate key": (b'{"a": 1, "a": 1}', 400, "duplicate_key"),
    "duplicate key deep down": (b'[{"b": {"a": 1, "a": 2}}]', 400, "duplicate_key"),
    "duplicate key by escape": (b'{"a": 1, "\\u0061": 1}', 400, "duplicate_key"),
    "EUC-KR": ('{"a": "가로등"}'.encode("euc-kr"), 400, "invalid_encoding"),
    "UTF-16": ('{"a": "가로등"}'.encode("utf-16"), 400, "invalid_encoding"),
    "UTF-16 without a mark": (b"{\x00}\x00", 400, "invalid_encoding"),
    "UTF-32": ("{}".encode("utf-32"), 400, "invalid_encoding"),
    "byte order mark": (b"\xef\xbb\xbf{}", 400, "invalid_encoding"),
    "cut inside a character": (b'{"a": "\xea\xb0"}', 400, "invalid_encoding"),
    "a surrogate in UTF-8": (b'{"a": "\xed\xa0\x80"}', 400, "invalid_encoding"),
    "U+0000": (b'{"a": "x\\u0000"}', 422, "nul_character"),
    "U+0000 in a key": (b'{"\\u0000": 1}', 422, "nul_character"),
    "half a surrogate pair": (b'{"a": "\\ud83d"}', 422, "invalid_unicode"),
    "the other half": (b'[["\\ude00"]]', 422, "invalid_unicode"),
    "half a pair in a key": (b'{"\\ud83d": 1}', 422, "invalid_unicode"),
}


@pytest.mark.parametrize(("body", "status", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_a_body_is_refused(body: bytes, status: int, code: str) -> None:
    with pytest.raises(TriageError) as caught:
        parse(body)
    assert (caught.value.status, caught.value.code) == (status, code)
    assert MARKER not in caught.value.detail


@pytest.mark.parametrize(
    "value",
    [{}, [], 0, -1.5, 1e300, 10**99, True, None, "가로등 👍", {"a": {"b": [1, "둘", None]}}],
    ids=repr,
)
def test_all_else_is_read_as_written(value: object) -> None:
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


def test_99_lists_are_not_too_deep() -> None:
    assert parse(b"[" * 99 + b"]" * 99)
