"""JSON as RFC 8259 has it and no more: one meaning for each body, and no surprises inside.

Every refusal names what is wrong in general and repeats nothing of the body.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from services.errors import TriageError

MAX_BODY_BYTES = 1_000_000
MAX_DEPTH = 99
MAX_NUMBER_CHARACTERS = 100


class BadRequest(TriageError):
    """The body cannot be read."""

    status = 400


class MalformedJson(BadRequest):
    """The body is not JSON."""

    code = "malformed_json"


class TooDeep(BadRequest):
    """The body is nested 100 deep or more."""

    code = "too_deep"


class DuplicateKey(BadRequest):
    """An object in the body has the same key twice."""

    code = "duplicate_key"


class InvalidEncoding(BadRequest):
    """The body is not UTF-8 without a byte order mark."""

    code = "invalid_encoding"


class NulCharacter(TriageError):
    """A text in the body holds the character U+0000."""

    code = "nul_character"
    status = 422


class InvalidUnicode(TriageError):
    """A text in the body holds half a surrogate pair."""

    code = "invalid_unicode"
    status = 422


class BodyTooLarge(TriageError):
    """The body is larger than 1 MB."""

    code = "body_too_large"
    status = 413


class UnsupportedMediaType(TriageError):
    """Send the body as application/json."""

    code = "unsupported_media_type"
    status = 415


def parse(body: bytes) -> Any:
    """The value of a JSON body; raises one of the errors above."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidEncoding from None
    if text.startswith("\ufeff") or "\x00" in text:
        raise InvalidEncoding
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise TooDeep from None
    except ValueError:
        raise MalformedJson from None
    _examine(value)
    return value


def _examine(value: Any) -> None:
    """Walk the value level by level: depth, and characters that no text may hold."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise TooDeep
        below: list[Any] = []
        for item in level:
            if isinstance(item, str):
                _examine_text(item)
            elif isinstance(item, dict):
                below += [*item, *item.values()]
            elif isinstance(item, list):
                below += item
        level = below


def _examine_text(text: str) -> None:
    if "\x00" in text:
        raise NulCharacter
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidUnicode from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise DuplicateKey
    return value


def _integer(digits: str) -> int:
    if len(digits) > MAX_NUMBER_CHARACTERS:
        raise MalformedJson
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if len(digits) > MAX_NUMBER_CHARACTERS or not math.isfinite(value):
        raise MalformedJson
    return value


def _constant(_: str) -> NoReturn:
    raise MalformedJson


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_float,
    parse_constant=_constant,
)
