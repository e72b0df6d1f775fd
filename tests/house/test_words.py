"""Pages speak both languages: catalogues say the same, and templates say nothing by themselves."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from services.web.language import LANGUAGES, words
from services.web.pages import TEMPLATES

PAGES = sorted(TEMPLATES.rglob("*.html"))
CODE = sorted((TEMPLATES.parent).rglob("*.py"))
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TAG = re.compile(r"""<[^>]*>|[a-z-]+="[^"]*\"""", re.DOTALL)
SPOKEN = re.compile(r"""\b(?:aria-label|placeholder|alt|title)="([^"]+)\"""")
LETTERS = re.compile(r"[^\W\d_]")
NAMED = re.compile(r"""\b(?:t|say)\(\s*"([\w.-]+)"\s*[,)]""")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_say_the_same() -> None:
    first, *others = (words(code).sentences for code in LANGUAGES)
    for other in others:
        assert first.keys() == other.keys()
        for name, sentence in first.items():
            assert sentence
            assert other[name]
            assert placeholders(sentence) == placeholders(other[name]), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TEMPLATES)))
def test_a_template_holds_no_words_of_its_own(page: Path) -> None:
    bare = JINJA.sub("", page.read_text(encoding="utf-8"))
    spoken = [value for value in SPOKEN.findall(bare) if LETTERS.search(value)]
    assert not spoken
    assert not LETTERS.findall(TAG.sub("", bare)), TAG.sub("", bare).split()


@pytest.mark.parametrize("file", [*PAGES, *CODE], ids=lambda file: file.name)
def test_every_sentence_asked_for_exists(file: Path) -> None:
    known = words(LANGUAGES[0]).sentences
    for name in NAMED.findall(file.read_text(encoding="utf-8")):
        assert name in known, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TEMPLATES)))
def test_nothing_is_written_into_a_page_that_its_policy_forbids(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\son\w+=", text)
    assert not re.search(r"""(?:src|href|action)="(?:https?:)?//""", text)
    assert "|safe" not in text.replace(" ", "")
