"""Answers that a city's desk gives by itself: the pack's folder `knowledge`, and what fits a voice.

An article is read out on the telephone, so its answer is one or two plain sentences. The rules of
`speech_problems` hold for the pack's articles and for those that staff write.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast

from services.city.pack import CityPack

FOLDER = "knowledge"
Audience = Literal["everyone", "business", "foreigner"]
Language = Literal["ko", "en"]

MAX_SPOKEN = 200
"""Characters of an answer: about half a minute of speech."""
MAX_SENTENCES = 2
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

_MARKUP = re.compile(r"[*_#<>\[\]{}|`()~%/\\^=+@]|https?:|www\.|[㎡㎏℃①-⑳※▶●■→]|\n")
_LONG_NUMBER = re.compile(r"\d{6,}")
_END = re.compile(r"[.?!](?:\s|$)")


@dataclass(frozen=True, slots=True)
class Article:
    """One question and its answer. `agency` is an id of the pack; both ends of validity count.

    An article that is not `confirmed` holds a local fact that nobody has checked: an example, never
    read out.
    """

    id: str
    title: str
    questions: tuple[str, ...]
    answer: str
    more: str
    service: str
    audience: Audience
    language: Language
    agency: str
    department: str | None
    valid_from: date | None
    valid_until: date | None
    confirmed: bool
    source: str

    def valid_on(self, day: date) -> bool:
        """Whether it may be read out on `day`, a date in the city."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_until is None or day <= self.valid_until)


def read_articles(pack_folder: Path) -> tuple[Article, ...]:
    """The articles of the pack in `pack_folder`, by file and place in it; none without a folder.

    Raises ValueError naming the file that cannot be read or an article that lacks a field.
    """
    found: list[Article] = []
    for file in sorted((pack_folder / FOLDER).glob("*.toml")):
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
            shared = {name: value for name, value in content.items() if name != "article"}
            found += [_article({**shared, **row}) for row in content["article"]]
        except KeyError as error:
            raise ValueError(f"{file.name}: an article lacks {error.args[0]}") from None
        except (ValueError, TypeError) as error:
            raise ValueError(f"{file.name}: {error}") from None
    return tuple(found)


def article_problems(articles: Sequence[Article], pack: CityPack) -> Iterator[str]:
    """What is wrong with a pack's articles, one sentence each."""
    for id_, count in Counter(article.id for article in articles).items():
        if count > 1:
            yield f"knowledge: {id_} is there twice"
    for article in articles:
        for problem in (*speech_problems(article.answer), *_references(article, pack)):
            yield f"knowledge: {article.id}: {problem}"


def speech_problems(answer: str) -> Iterator[str]:
    """Why a text does not suit a voice."""
    if not answer.strip():
        yield "there is no answer"
    if len(answer) > MAX_SPOKEN:
        yield f"the answer has more than {MAX_SPOKEN} characters"
    if len(_END.findall(answer)) > MAX_SENTENCES:
        yield f"the answer has more than {MAX_SENTENCES} sentences"
    if _MARKUP.search(answer):
        yield "the answer has signs that a voice cannot read"
    if _LONG_NUMBER.search(answer):
        yield "the answer has a number of six or more digits without a hyphen"


def _references(article: Article, pack: CityPack) -> Iterator[str]:
    if ID.fullmatch(article.id) is None:
        yield "an id has small letters, digits and hyphens"
    if not article.questions:
        yield "there is no example question"
    if article.service not in pack.services:
        yield f"there is no service {article.service}"
    if article.agency not in pack.agencies:
        yield f"there is no agency {article.agency}"
    units = {unit.name for unit in pack.departments.get(article.agency, ())}
    if article.department is not None and article.department not in units:
        yield f"{article.agency} has no department {article.department}"
    if article.valid_from and article.valid_until and article.valid_until < article.valid_from:
        yield "it ends before it begins"
    if not article.source:
        yield "it names no source"


def _article(row: Mapping[str, Any]) -> Article:
    known = set(Article.__dataclass_fields__)
    if unknown := set(row) - known:
        raise ValueError(f"there is no field {min(unknown)}")
    if row.get("audience", "everyone") not in ("everyone", "business", "foreigner"):
        raise ValueError("an audience is everyone, business or foreigner")
    if row.get("language", "ko") not in ("ko", "en"):
        raise ValueError("a language is ko or en")
    return Article(
        id=str(row["id"]),
        title=str(row["title"]),
        questions=tuple(map(str, row["questions"])),
        answer=str(row["answer"]),
        more=str(row.get("more", "")),
        service=str(row["service"]),
        audience=cast("Audience", row.get("audience", "everyone")),
        language=cast("Language", row.get("language", "ko")),
        agency=str(row["agency"]),
        department=row.get("department"),
        valid_from=_day(row.get("valid_from")),
        valid_until=_day(row.get("valid_until")),
        confirmed=row["confirmed"] is True,
        source=str(row["source"]),
    )


def _day(value: Any) -> date | None:
    if value is None or type(value) is date:
        return value
    raise ValueError("a day of validity is written 2026-01-31")
