"""What a caller's words mean just now: rules first, then the model, each able to stand alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import structlog

from services.city import CityPack
from services.city.dialogue import Language
from services.city.menus import Node
from services.dialogue.state import CallState, Matter, Slot
from services.dialogue.turns import Tap, TurnIn
from services.dialogue.words import Small, SmallWords
from services.triage.emergency import EmergencyFinder
from services.triage.place import PlaceFinder
from services.triage.triage import Complaint, Triaged

ANSWERS_TO: frozenset[Slot] = frozenset(
    {"danger", "detail", "road", "place", "bus", "confirm", "message"}
)
"""Slots whose answers belong to the matter in hand."""
SECOND_MATTER_SURE = 0.5
TELLING = frozenset({"report", "grievance"})
"""Of words of other kinds, what the model alone takes for an emergency is asked about first."""
DETAIL_SURE = 0.7
"""From here on a caller is not asked to tell more; a person may still settle the owner."""
_log = structlog.get_logger()

TriageNow = Callable[[Sequence[Complaint]], "list[Triaged] | None"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An approved answer from the knowledge base, fit to be read out."""

    article: str
    text: str
    score: float


AnswerNow = Callable[[str], "Answer | None"]


def no_answer(_: str) -> Answer | None:
    return None


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said in a turn. `text` is masked; `emergency` is the agency to call first."""

    text: str = ""
    clear: bool = True
    small: Small = field(default_factory=Small)
    emergency: str | None = None
    matter: Matter | None = None
    """The matter in hand together with these words, or a new one."""
    more_matters: tuple[Matter, ...] = ()
    answer: Answer | None = None
    degraded: bool = False


class Understander:
    """Understands turns for one city. Holds no state between turns."""

    def __init__(
        self,
        pack: CityPack,
        triage: TriageNow,
        answer: AnswerNow,
        article: AnswerNow = no_answer,
    ) -> None:
        """`answer` takes a question, `article` the id of an article."""
        self._pack = pack
        self._triage = triage
        self._answer = answer
        self._article = article
        self._words = SmallWords(pack.dialogue.words)
        self._places = PlaceFinder(pack)
        self._emergencies = EmergencyFinder(pack)
        self._connect = {rule.id: rule.connect for rule in pack.emergencies.rules}

    def emergency(self, *texts: str) -> str | None:
        """Id of the agency to call for the first text with words of life and limb in it."""
        for text in texts:
            rule = self._emergencies.find(text)
            if rule is not None:
                return self._connect[rule]
            english = self._words.english_emergency(text)
            if english is not None:
                return english
        return None

    def hear(
        self, state: CallState, text: str, confidence: float | None, others: Sequence[str] = ()
    ) -> Heard:
        """Rules before anything that can fail; `others` are the recogniser's other guesses."""
        small = self._in_place(state, self._words.read(text))
        new, held = self._new_words(state, text, small), self._held(state, small)
        whole = "\n".join([*held.said, new]) if new else held.text
        emergency = self.emergency(text, *others[:2], whole)
        threshold = self._pack.dialogue.least_confidence
        clear = bool(text) and (confidence is None or confidence >= threshold)
        heard = Heard(text=text, clear=clear, small=small, emergency=emergency)
        if not new or (emergency is None and (not clear or small.says_nothing)):
            return heard
        if small.place_only and not held.said and emergency is None:
            where = self._places.find(new)
            only = Matter(said=(new,), district=where.district, place=where.dong)
            return replace(heard, matter=replace(only, missing=("detail",)))
        return self._with_model(state, heard, held, new)

    def _in_place(self, state: CallState, small: Small) -> Small:
        """A spoken digit is a key where the question has that key; else it is a word."""
        keys = {**self._pack.dialogue.keys.get(state.slot, {}), "0": "person"}
        if small.key is None or (small.key in keys and state.slot != "bus"):
            return small
        return replace(small, key=None)

    def turn(self, state: CallState, turn: TurnIn, text: str) -> Heard:
        """What a turn means; `text` is its masked words, spoken or typed."""
        if turn.event == "speech" and turn.speech is not None:
            others = turn.speech.others()
            heard = self.hear(state, text, turn.speech.confidence, others)
            if heard.emergency is None and heard.small.key is not None:
                value = self._pack.dialogue.keys.get(state.slot, {}).get(heard.small.key)
                return replace(self._chosen(state, value), text=text, small=heard.small)
            return heard
        script = self._pack.dialogue
        keys = script.keys.get(state.slot, {})
        if turn.event == "dtmf" and turn.dtmf is not None:
            return self._chosen(state, keys.get(turn.dtmf.digits.strip("#")))
        if turn.event == "visual_tap" and turn.tap is not None:
            node = turn.tap.node_id
            return (
                self._chosen(state, node)
                if node in keys.values()
                else self._tap(state, turn.tap, text)
            )
        return Heard()

    def _chosen(self, state: CallState, value: str | None) -> Heard:
        """A key or a tap in place of words; the words that say it join the matter."""
        if value is None or value == "unknown" or state.slot not in ("place", "road"):
            return Heard()
        words = self._pack.dialogue.values.get(value, value)
        matter = replace(state.matter, said=(*state.matter.said, words))
        understood, degraded = self.reconsider(matter, state.language)
        return Heard(matter=understood, degraded=degraded)

    def _tap(self, state: CallState, tap: Tap, text: str) -> Heard:
        """A leaf of the menu, or a form with words, a dong or a place on the map."""
        form, pack = tap.form, self._pack
        leaf = pack.menus.current.nodes.get(tap.node_id)
        service = pack.menus.current_service(tap.node_id, pack.services)
        if leaf is not None and leaf.action == "emergency":
            return Heard(text=leaf.ko, emergency=pack.services[leaf.service or ""].target)
        if leaf is not None and leaf.article is not None:
            return self._article_leaf(leaf, state.language)
        if service is None and form is None:
            return Heard()
        if form and text and not (service or form.dong or form.address or form.lat is not None):
            return self.hear(state, text, None)
        held = Matter() if service or state.slot not in ANSWERS_TO else state.matter
        words = text or (self._pack.services[service].name if service else "")
        placed = replace(
            held,
            said=(*held.said, words) if words else held.said,
            menu_service=service or held.menu_service,
            lat=form.lat if form else held.lat,
            lon=form.lon if form else held.lon,
            dong=(form.dong if form else None) or held.dong,
            address=(form.address if form else None) or held.address,
        )
        understood, degraded = self.reconsider(placed, state.language)
        emergency = self.emergency(text) if text else None
        return Heard(text=text, matter=understood, emergency=emergency, degraded=degraded)

    def _article_leaf(self, leaf: Node, language: Language) -> Heard:
        """The article's answer; where it may not be read out now, a matter in the leaf's words."""
        answer, failed = self._asked(self._article, leaf.article_in(language))
        if answer is not None:
            return Heard(text=leaf.ko, answer=answer)
        matter, degraded = self.reconsider(Matter(said=(leaf.ko,)), language)
        return Heard(text=leaf.ko, matter=matter, degraded=degraded or failed)

    def reconsider(self, matter: Matter, language: str = "ko") -> tuple[Matter, bool]:
        """The matter understood anew with all it now holds; and whether the model took no part."""
        try:
            words = self._words.without_insults(matter.text)
            words = self._words.with_districts(words) if language == "en" else words
            found = self._triage([_complaint(matter, words)])
        except Exception as error:  # a model that fails must not cost the caller the call
            _log.error("understanding_failed", error=type(error).__name__)
            found = None
        if not found:
            place = self._places.find(matter.text)
            return replace(matter, missing=() if place.district else ("place",)), True
        return self._filled(matter, found[0], language), False

    def _with_model(self, state: CallState, heard: Heard, held: Matter, new: str) -> Heard:
        texts = self._words.parts(new) if state.slot not in ANSWERS_TO else [new]
        first, degraded = self.reconsider(
            replace(held, said=(*held.said, texts[0])), state.language
        )
        rest = [self._beside(first, text, state.language) for text in texts[1:]]
        if not all(_is_another(first, other) for other in rest):
            whole = replace(held, said=(*held.said, new))
            first, degraded = self.reconsider(whole, state.language)
            rest = []
        emergency = heard.emergency
        if "danger" not in first.missing and not heard.small.person:
            emergency = emergency or first.emergency
        answer = None
        asks = first.kind == "inquiry" and self._words.asks(new)
        if asks and emergency is None and state.slot in ("matter", "more", "helped", "detail"):
            answer, failed = self._asked(self._answer, first.text)
            degraded = degraded or failed
        return replace(
            heard,
            matter=replace(first, emergency=emergency),
            more_matters=tuple(rest),
            emergency=emergency,
            answer=answer,
            degraded=degraded,
        )

    def _beside(self, first: Matter, text: str, language: str) -> Matter:
        """A second matter of the same breath; it lies where the first does if it names no place."""
        other, _ = self.reconsider(Matter(said=(text,)), language)
        if other.district is not None or first.district is None:
            return other
        there = Matter(said=(text,), dong=first.place or first.dong, address=first.district)
        return self.reconsider(there, language)[0]

    def _asked(self, ask: AnswerNow, question: str) -> tuple[Answer | None, bool]:
        """The answer, and whether nobody could be asked: the question then goes to its owner."""
        try:
            return ask(question), False
        except Exception as error:
            _log.error("knowledge_failed", error=type(error).__name__)
            return None, True

    def _new_words(self, state: CallState, text: str, small: Small) -> str:
        if small.correction is not None:
            return small.correction
        if state.slot == "road" and small.road:
            return f"{text} {self._pack.dialogue.values[small.road]}"
        if state.slot == "confirm" and small.lead is not None:
            return small.rest
        return "" if small.yes or small.no or small.repeat else text

    def _held(self, state: CallState, small: Small) -> Matter:
        """What the new words are added to."""
        if small.correction or state.slot not in ANSWERS_TO or state.step == "connected":
            return self._followed(state, small)
        if state.slot == "confirm" and small.lead == "no":
            return self._moved(state.matter, small.rest)
        return state.matter

    def _followed(self, state: CallState, small: Small) -> Matter:
        """A few words after an answer, or "not that but", ask on about the same thing."""
        asked_on = small.correction is not None or small.lead == "no"
        return state.matter if state.slot == "helped" and asked_on else Matter()

    def _moved(self, matter: Matter, words: str) -> Matter:
        """The matter at the place that "not there but here" names last, if it names one."""
        where = self._places.find(re.split("아니라|아니고|말고|not", words)[-1])
        if where.district is None:
            return matter
        here = replace(matter, dong=where.dong, address=where.district)
        return replace(here, lat=None, lon=None)

    def _filled(self, matter: Matter, found: Triaged, language: str) -> Matter:
        danger = found.decision == "emergency"
        asks = found.kind != "inquiry" or self._words.asks(matter.text)
        return replace(
            matter,
            service=found.service,
            kind=found.kind if asks else "report",
            urgency=found.urgency,
            district=found.district,
            place=found.dong,
            agency=found.agency,
            agency_name=found.agency_name,
            confidence=round(found.confidence, 4),
            emergency=self._whom_to_call(found) if danger else None,
            missing=self._missing(matter, found, language),
            model_version=found.model_version,
            reasons=tuple(reason.as_json() for reason in found.reasons),
        )

    def _whom_to_call(self, found: Triaged) -> str:
        target = self._pack.services[found.service].target
        numbers = set(self._connect.values())
        return target if target in numbers else next(iter(self._connect.values()))

    def _missing(self, matter: Matter, found: Triaged, language: str) -> tuple[Slot, ...]:
        """What would change the owner if it were known, most general first."""
        codes = {reason.code for reason in found.reasons}
        missing: list[Slot] = []
        if "emergency_model" in codes and found.kind not in TELLING:
            missing.append("danger")
        unsure = "low_confidence" in codes and found.confidence < DETAIL_SURE
        vague = (unsure or "abuse" in codes) and not matter.menu_service
        if vague and language == "ko":
            missing.append("detail")
        if "road_class_assumed" in codes:
            missing.append("road")
        unread = language == "en" and found.district is None  # the classifier knows Korean alone
        if unread or codes & {"unknown_district", "doubtful_district"}:
            missing.append("place")
        if found.service == "bus-service" and not self._words.read(matter.text).bus:
            missing.append("bus")
        return tuple(missing)


def _complaint(matter: Matter, text: str) -> Complaint:
    return Complaint(
        text=text,
        channel="voice",
        lat=matter.lat,
        lon=matter.lon,
        dong=matter.dong,
        address=matter.address,
        menu_service=matter.menu_service,
    )


def _is_another(first: Matter, other: Matter) -> bool:
    sure = min(first.confidence, other.confidence) >= SECOND_MATTER_SURE
    both = {first.kind, other.kind}.isdisjoint({"abuse", "praise", "handoff"})
    return other.service != first.service and both and (sure or bool(other.missing))
