"""The words of notices: templates in texts/*.toml, one file for each language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

FOLDER: Final = Path(__file__).parent / "texts"
DEFAULT: Final = "ko"
LANGUAGES: Final = ("ko", "en")
TITLE_CHARACTERS: Final = 20
"""Of the complaint's title in an SMS; its text is in no notice at all."""


@dataclass(frozen=True, slots=True)
class Text:
    subject: str
    body: str
    sms: str


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )


@cache
def templates(language: str) -> Mapping[str, Mapping[str, str]]:
    """The file of a language: a table with `subject`, `body` and `sms` for each template."""
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def render(template: str, language: str, words: Mapping[str, Any]) -> Text:
    """The text of a notice; a language we do not write gives Korean.

    Subject and SMS are one line each, whatever the words hold.
    """
    table = templates(language if language in LANGUAGES else DEFAULT)
    given = {name: _fill(source, words) for name, source in table[template].items()}
    frame = {**words, "body": given["body"]}
    return Text(
        subject=" ".join(given["subject"].split()),
        body=_fill(table["frame"]["body"], frame).strip() + "\n",
        sms=" ".join(given["sms"].split()),
    )


def _fill(source: str, words: Mapping[str, Any]) -> str:
    return _environment().from_string(source).render(words).strip()


def short_title(title: str | None) -> str:
    line = " ".join((title or "").split())
    return line if len(line) <= TITLE_CHARACTERS else line[: TITLE_CHARACTERS - 1] + "…"
