"""What may be done with an article: written, looked over by someone else, read out, retired."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.city.articles import Article, speech_problems
from services.errors import Forbidden, InvalidField, TriageError

PACK = "pack"
"""The editor of what the city pack brought."""

FROM = {
    "edit": ("draft", "in_review", "approved", "retired"),
    "submit": ("draft",),
    "approve": ("in_review",),
    "return": ("in_review",),
    "retire": ("draft", "in_review", "approved"),
}
TO = {
    "edit": "draft",
    "submit": "in_review",
    "approve": "approved",
    "return": "draft",
    "retire": "retired",
}
DECISIONS = ("approve", "return", "retire")
"""Steps that take the triage desk or a supervisor."""


class IllegalStep(TriageError):
    """The article's state does not allow that."""

    code = "illegal_transition"
    status = 409


class FourEyes(Forbidden):
    """Whoever wrote an article does not approve it: ask a colleague."""

    code = "four_eyes"


@dataclass(frozen=True, slots=True)
class Held:
    """The working copy. `live_version` is what is read out, which a new draft leaves alone."""

    article: Article
    version: int
    state: str
    editor: str
    live_version: int | None
    from_pack: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class By:
    """Who takes a step. Four eyes bind a person; a program may write and approve."""

    name: str
    person: bool


@dataclass(frozen=True, slots=True)
class Step:
    """An article after a step, and what the history says of it."""

    held: Held
    action: str
    actor: str
    at: datetime
    reason: str | None = None


def created(article: Article, by: By, now: datetime) -> Step:
    """A new draft."""
    _check(article)
    held = Held(article, 1, "draft", by.name, None, False, now)
    return Step(held, "create", by.name, now)


def edited(held: Held, article: Article, by: By, now: datetime) -> Step:
    """New words make a draft; the version that is read out stays until they are approved."""
    _check(article)
    after = _moved(held, "edit", now)
    return Step(replace(after, article=article, editor=by.name), "edit", by.name, now)


def moved(held: Held, action: str, by: By, now: datetime, reason: str | None = None) -> Step:
    """Submit, approve, return or retire.

    Raises `IllegalStep`, or `FourEyes` for a person who would approve their own words.
    """
    after = _moved(held, action, now)
    if action == "approve":
        if by.person and by.name == held.editor:
            raise FourEyes
        after = replace(after, live_version=after.version)
    if action == "retire":
        after = replace(after, live_version=None)
    return Step(after, action, by.name, now, reason)


def _moved(held: Held, action: str, now: datetime) -> Held:
    if held.state not in FROM[action]:
        raise IllegalStep
    return replace(
        held, version=held.version + 1, state=TO[action], from_pack=False, updated_at=now
    )


def _check(article: Article) -> None:
    for problem in speech_problems(article.answer):
        raise InvalidField(f"This cannot be read out: {problem}.", pointer="/answer")
