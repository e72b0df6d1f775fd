"""Life and limb now, told by phrases: works before, beside and without the classifier."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from unicodedata import normalize

import ahocorasick

from services.city.pack import CityPack, EmergencyRule

REACH = 150
"""Phrases of one rule's groups must begin within so many letters (jamo), some 60 syllables."""

AFTER = 8
"""A denial takes back phrases that end so many letters before it at most: 튀(는) 건 아니고."""

SAID = normalize("NFD", "요")
"""Ends a sentence: a denial after it is of something else (가스가 새요, 많은 건 아니고요)."""

FINALS = re.compile("[\u11a8-\u11ff]")
"""Consonants that end a syllable, as Unicode's canonical decomposition gives them."""

Hits = Mapping[str, Sequence[int]]
"""Phrase to the places where it begins."""


class EmergencyFinder:
    """Finds emergencies in texts. Built once from a pack; holds no state between texts.

    Texts are compared letter by letter without spaces, so that a rule's phrase that ends in an
    open syllable also finds its endings: 갇혀 finds 갇혔어요. Words that take back find no more
    than they say: 전시 is not in 전신주.
    """

    def __init__(self, pack: CityPack) -> None:
        said = pack.emergencies
        self._rules = tuple(map(_spelt, said.rules))
        self._figures = frozenset(_letters(said.figures_of_speech))
        self._denials = frozenset(_letters(said.denials))
        self._past = frozenset(_letters(said.past))
        self._now = frozenset(_letters(said.now))
        self._groups: dict[str, list[tuple[int, int]]] = {}
        for number, rule in enumerate(self._rules):
            for group, phrases in enumerate(rule.groups):
                for phrase in phrases:
                    self._groups.setdefault(phrase, []).append((number, group))
        self._automaton = ahocorasick.Automaton()
        unless = (phrase for rule in self._rules for phrase in rule.unless)
        back = (*self._figures, *self._denials, *self._past, *self._now, *unless)
        for phrase in (*self._groups, *back):
            self._automaton.add_word(phrase, phrase)
        self._automaton.make_automaton()

    def find(self, text: str) -> str | None:
        """The id of the first rule that the text fires; None when there is no emergency.

        A figure of speech takes back the phrases it covers, a denial those right before it; a word
        of the past takes back the whole text, except for rules that say otherwise, unless a word of
        now stands in it too.
        """
        letters = normalize("NFD", "".join(text.split()))
        hits: dict[str, list[int]] = {}
        for last, phrase in self._automaton.iter(letters):
            if phrase not in self._groups and FINALS.match(letters, last + 1):
                continue
            hits.setdefault(phrase, []).append(last + 1 - len(phrase))
        past = not self._past.isdisjoint(hits) and self._now.isdisjoint(hits)
        return self._first(hits, self._meant(letters, hits), past) if hits else None

    def _first(self, hits: Hits, live: Hits, past: bool) -> str | None:
        found: dict[int, dict[int, list[int]]] = {}
        for phrase, starts in live.items():
            for number, group in self._groups.get(phrase, ()):
                found.setdefault(number, {}).setdefault(group, []).extend(starts)
        for number in sorted(found):
            rule, groups = self._rules[number], found[number]
            if len(groups) < len(rule.groups) or (past and not rule.even_if_past):
                continue
            if any(phrase in hits for phrase in rule.unless):
                continue
            if _near(*(groups[group] for group in range(len(groups)))):
                return rule.id
        return None

    def _meant(self, letters: str, hits: Hits) -> Hits:
        """The hits that neither a figure of speech nor a denial takes back."""
        figures = self._spans(self._figures, hits)
        denials = [start for start, _ in self._spans(self._denials, hits)]
        if not figures and not denials:
            return hits

        def meant(start: int, end: int) -> bool:
            covered = any(first <= end and start <= last for first, last in figures)
            return not covered and not any(_denied(letters, start, end, at) for at in denials)

        live = {
            phrase: [start for start in starts if meant(start, start + len(phrase))]
            for phrase, starts in hits.items()
        }
        return {phrase: starts for phrase, starts in live.items() if starts}

    @staticmethod
    def _spans(phrases: frozenset[str], hits: Hits) -> list[tuple[int, int]]:
        """Where those of `phrases` that were hit begin and end."""
        found = phrases.intersection(hits)
        return [(start, start + len(phrase)) for phrase in found for start in hits[phrase]]


def _denied(letters: str, start: int, end: int, denial: int) -> bool:
    """Whether the phrase from `start` to `end` is what the denial at `denial` takes back."""
    return 0 <= denial - end <= AFTER and SAID not in letters[start:denial]


def _letters(phrases: Iterable[str]) -> tuple[str, ...]:
    return tuple(normalize("NFD", "".join(phrase.split())) for phrase in phrases)


def _spelt(rule: EmergencyRule) -> EmergencyRule:
    groups = tuple(map(_letters, rule.groups))
    return replace(rule, groups=groups, unless=_letters(rule.unless))


def _near(first: Sequence[int], *others: Sequence[int]) -> bool:
    """Whether some phrase of the first group has one of each other group within reach."""
    return any(
        all(any(abs(start - other) <= REACH for other in group) for group in others)
        for start in first
    )
