"""Life and limb now, told by phrases: works before, beside and without the classifier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import ahocorasick

from services.city.pack import CityPack, EmergencyRule

REACH = 60
"""Phrases of one rule's groups must begin within so many characters, spaces not counted."""

Hits = Mapping[str, Sequence[int]]
"""Phrase to the places where it begins."""


class EmergencyFinder:
    """Finds emergencies in texts. Built once from a pack; holds no state between texts."""

    def __init__(self, pack: CityPack) -> None:
        self._emergencies = pack.emergencies
        self._automaton = ahocorasick.Automaton()
        for phrase in _phrases(pack):
            self._automaton.add_word(phrase, phrase)
        self._automaton.make_automaton()

    def find(self, text: str) -> str | None:
        """The id of the first rule that the text fires; None when there is no emergency.

        A figure of speech takes back the phrases it covers; a word of the past takes back the
        whole text unless a word of now stands in it too.
        """
        chars = "".join(text.split())
        hits: dict[str, list[int]] = {}
        for last, phrase in self._automaton.iter(chars):
            hits.setdefault(phrase, []).append(last + 1 - len(phrase))
        if not hits or self._is_past(hits):
            return None
        live = self._without_figures(hits)
        return next((r.id for r in self._emergencies.rules if _fires(r, live)), None)

    def _is_past(self, hits: Hits) -> bool:
        past = any(word in hits for word in self._emergencies.past)
        return past and not any(word in hits for word in self._emergencies.now)

    def _without_figures(self, hits: Hits) -> Hits:
        spans = [
            (start, start + len(phrase))
            for phrase in self._emergencies.figures_of_speech
            for start in hits.get(phrase, ())
        ]
        if not spans:
            return hits
        return {
            phrase: [
                s for s in starts if not any(a <= s + len(phrase) and s <= b for a, b in spans)
            ]
            for phrase, starts in hits.items()
        }


def _phrases(pack: CityPack) -> Iterable[str]:
    emergencies = pack.emergencies
    yield from (*emergencies.figures_of_speech, *emergencies.past, *emergencies.now)
    for rule in emergencies.rules:
        yield from rule.unless
        for group in rule.groups:
            yield from group


def _fires(rule: EmergencyRule, hits: Hits) -> bool:
    if any(phrase in hits for phrase in rule.unless):
        return False
    found: list[list[int]] = []
    for group in rule.groups:
        found.append([start for phrase in group for start in hits.get(phrase, ())])
        if not found[-1]:
            return False
    first, *others = found
    return any(
        all(any(abs(start - other) <= REACH for other in group) for group in others)
        for start in first
    )
