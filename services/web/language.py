"""Korean first, English beside it: which one a reader gets, and the words of each."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request

TEXT: Final = Path(__file__).parent / "text"
LANGUAGES: Final = ("ko", "en")
COOKIE: Final = "lang"


@dataclass(frozen=True, slots=True)
class Words:
    """All sentences of one language, by `room.name.part`; rooms are the files of its folder."""

    language: str
    sentences: Mapping[str, str]

    def __call__(self, name: str, **values: object) -> str:
        """The sentence called `name` with `{value}`s put in; raises `KeyError` if there is none."""
        sentence = self.sentences[name]
        return sentence.format(**values) if values else sentence

    def known(self, name: str) -> bool:
        return name in self.sentences


@cache
def words(language: str) -> Words:
    """The catalogue of a language, read once from `text/<language>/*.toml`."""
    sentences = {
        name: sentence
        for file in sorted((TEXT / language).glob("*.toml"))
        for name, sentence in _flat(tomllib.loads(file.read_text(encoding="utf-8")), file.stem)
    }
    return Words(language, sentences)


def chosen(request: Request) -> str:
    """The language asked for by `?lang=`, else by cookie, else by Accept-Language, else Korean."""
    for wish in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if wish in LANGUAGES:
            return wish
    return preferred(request.headers.get("accept-language", ""))


def preferred(header: str) -> str:
    """The best of our languages by an Accept-Language header (RFC 9110, section 12.5.4)."""
    best, weight = LANGUAGES[0], 0.0
    for part in header.split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.partition("-")[0].strip().lower()
        quality = _quality(parameter)
        if language in LANGUAGES and quality > weight:
            best, weight = language, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _flat(table: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield f"{path}.{name}", value.strip()
        else:
            yield from _flat(value, f"{path}.{name}")
