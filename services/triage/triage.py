"""Complaints in, decisions out: one embedding and one prediction for a whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.prediction import Engine, Prediction
from services.city.pack import CityPack, RoadClass
from services.triage.emergency import EmergencyFinder
from services.triage.grounds import grounds
from services.triage.place import Location, Place, PlaceFinder
from services.triage.policy import Decision, Reason, Verdict, decide
from services.triage.rules import Owner, owner_finder, road_class_of

MENU_WEIGHT = 0.5
"""Share of the probability that a service chosen on a menu takes from the classifier."""

WORDS_SURE = 0.5
"""Probability from which words that mean another agency than the menu's choice contradict it."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What triage needs of a complaint; the text is masked already."""

    text: str
    channel: str = "web"
    title: str | None = None
    lat: float | None = None
    lon: float | None = None
    dong: str | None = None
    address: str | None = None
    menu_service: str | None = None

    @property
    def whole_text(self) -> str:
        return f"{self.title}\n{self.text}" if self.title else self.text

    @property
    def location(self) -> Location:
        return Location(self.lat, self.lon, self.dong, self.address)


@dataclass(frozen=True, slots=True)
class Triaged:
    """What was decided and why. `agency` is an id of the pack, None while a person must say.

    `confidence` is the probability, 0 to 1, that the agency is right; 0 where none is named.
    """

    service: str
    services: tuple[tuple[str, float], ...]
    kind: str
    urgency: str
    district: str | None
    dong: str | None
    road_class: RoadClass | None
    agency: str | None
    agency_name: str | None
    department: str | None
    confidence: float
    decision: Verdict
    doubtful: bool
    reasons: tuple[Reason, ...]
    model_version: str
    embedding: NDArray[np.float32] = field(compare=False, repr=False)


class Triage:
    """Triage for one city with one engine; as safe between threads as the engine is."""

    def __init__(self, pack: CityPack, engine: Engine) -> None:
        self._pack = pack
        self._engine = engine
        self._places = PlaceFinder(pack)
        self._emergencies = EmergencyFinder(pack)
        self._owner = owner_finder(pack)

    def triage(self, complaints: Sequence[Complaint]) -> list[Triaged]:
        """One decision for each complaint, in order."""
        texts = [complaint.whole_text for complaint in complaints]
        vectors = self._engine.embed(texts)
        channels = [complaint.channel for complaint in complaints]
        predictions = self._engine.predict(texts, channels, vectors)
        return [
            self._one(complaint, prediction, vector)
            for complaint, prediction, vector in zip(complaints, predictions, vectors, strict=True)
        ]

    def _one(
        self, complaint: Complaint, prediction: Prediction, vector: NDArray[np.float32]
    ) -> Triaged:
        pack, text = self._pack, complaint.whole_text
        read, (prediction, by_menu) = prediction, _with_menu(pack, prediction, complaint)
        place = self._places.find(text, complaint.location)
        service = prediction.services[0][0]
        owner = self._owner(service, place)
        confidence = self._confidence(prediction, owner, place)
        emergency = self._emergencies.find(text)
        against = self._against_menu(read, owner, place) if by_menu else None
        decision = decide(pack, prediction, owner, place, confidence, emergency, against)
        return Triaged(
            service=service,
            services=prediction.services,
            kind=prediction.kind,
            urgency=_urgency(prediction, decision),
            district=place.district,
            dong=place.dong,
            road_class=road_class_of(pack, service, place),
            agency=owner.agency,
            agency_name=pack.agencies[owner.agency].name if owner.agency else None,
            department=owner.department,
            confidence=confidence,
            decision=decision.verdict,
            doubtful=decision.doubtful,
            reasons=(*decision.reasons, *by_menu, *grounds(pack, text, prediction, owner, place)),
            model_version=self._engine.version,
            embedding=vector,
        )

    def _against_menu(self, read: Prediction, owner: Owner, place: Place) -> str | None:
        """The service that the words mean for sure, if another agency than the menu's owns it."""
        service, p = read.services[0]
        another = self._owner(service, place).agency != owner.agency
        return service if p >= WORDS_SURE and another else None

    def _confidence(self, prediction: Prediction, owner: Owner, place: Place) -> float:
        """Services that lead to the same agency in this place add up."""
        if owner.agency is None:
            return 0.0
        services = prediction.services
        same = (p for code, p in services if self._owner(code, place).agency == owner.agency)
        return min(1.0, sum(same))


def to_json(triaged: Triaged) -> dict[str, Any]:
    """The line that `minwon triage` writes, as in the published interface."""
    return {
        "service": triaged.service,
        "services": [[code, round(p, 4)] for code, p in triaged.services],
        "kind": triaged.kind,
        "urgency": triaged.urgency,
        "district": triaged.district,
        "road_class": triaged.road_class,
        "agency": triaged.agency_name,
        "department": triaged.department,
        "confidence": round(triaged.confidence, 4),
        "decision": triaged.decision,
    }


def _with_menu(
    pack: CityPack, prediction: Prediction, complaint: Complaint
) -> tuple[Prediction, tuple[Reason, ...]]:
    """The prediction with what the caller chose on a menu, and that choice as a reason.

    A choice without a word settles the service, since nothing speaks against it. Words count beside
    it; where they mean another agency's service, a person decides.
    """
    chosen = complaint.menu_service
    if chosen is None or chosen not in pack.services:
        return prediction, ()
    reason = Reason("menu_choice", f"민원인이 메뉴에서 고른 업무: {pack.services[chosen].name}")
    if not complaint.whole_text.strip():
        alone = replace(prediction, services=((chosen, 1.0),), kind="report", kind_probability=1.0)
        return replace(alone, urgency="normal", emergency_probability=0.0, words=()), (reason,)
    weights = {code: p * (1 - MENU_WEIGHT) for code, p in prediction.services}
    weights[chosen] = weights.get(chosen, 0.0) + MENU_WEIGHT
    ranked = sorted(weights.items(), key=lambda item: item[1], reverse=True)
    return replace(prediction, services=tuple(ranked[: len(prediction.services)])), (reason,)


def _urgency(prediction: Prediction, decision: Decision) -> str:
    if decision.verdict == "emergency":
        return "emergency"
    return "high" if prediction.urgency == "emergency" else prediction.urgency
