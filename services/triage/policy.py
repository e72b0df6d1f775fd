"""Whether a complaint goes on by itself, to a person, or to 119 and 112 first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.prediction import Prediction
from services.city.pack import CityPack
from services.triage.place import Place
from services.triage.rules import DOUBTFUL_DISTRICT, UNKNOWN_DISTRICT, Owner

Verdict = Literal["route", "review", "emergency"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground of a decision: a stable code and a Korean sentence for staff and citizens."""

    code: str
    text: str

    def as_json(self) -> dict[str, str]:
        return {"code": self.code, "text": self.text}


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, and the grounds that kept a complaint from simply going on.

    `doubtful` says that a person must settle the owner, in an emergency too.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    doubtful: bool = False


def decide(
    pack: CityPack,
    prediction: Prediction,
    owner: Owner,
    place: Place,
    confidence: float,
    emergency_rule: str | None,
    against_menu: str | None = None,
) -> Decision:
    """Emergencies first; then whatever a person must look at; the rest is routed.

    `confidence` is the probability that the owner's agency is right. `emergency_rule` is the id
    of the phrase rule that fired, if any; the model may also raise an emergency alone.
    `against_menu` is the service that the words mean for sure, where a menu's choice is another's.
    """
    doubts = (*_missing(owner, place), *_doubts(pack, prediction, owner, confidence))
    if against_menu is not None:
        doubts = (*doubts, _contradiction(pack, against_menu))
    danger = _emergency(pack, prediction, emergency_rule)
    if danger is not None:
        return Decision("emergency", (danger, *doubts), bool(doubts))
    return Decision("review", doubts, doubtful=True) if doubts else Decision("route")


def _emergency(pack: CityPack, prediction: Prediction, rule: str | None) -> Reason | None:
    if rule is not None:
        found = next(r for r in pack.emergencies.rules if r.id == rule)
        number = pack.agencies[found.connect].name
        text = f"긴급 표현({found.name})이 있습니다. {number} 우선 연결이 필요합니다."
        return Reason("emergency_phrase", text)
    if prediction.emergency_probability >= pack.policy.emergency_threshold:
        share = f"{prediction.emergency_probability:.0%}"
        return Reason(
            "emergency_model",
            f"긴급 상황일 가능성 {share}. 119·112 연결 여부를 먼저 확인해 주세요.",
        )
    return None


def _contradiction(pack: CityPack, service: str) -> Reason:
    name = pack.services[service].name
    text = f"글 내용은 메뉴 선택과 달리 {name} 업무로 보입니다. 어느 업무인지 확인해 주세요."
    return Reason("menu_contradicted", text)


def _missing(owner: Owner, place: Place) -> tuple[Reason, ...]:
    names = ", ".join(dict.fromkeys(item.partition(":")[2] for item in place.evidence))
    if DOUBTFUL_DISTRICT in owner.codes:
        text = f"구 경계이거나 위치 정보가 서로 다릅니다({names}). 어느 구인지 확인해 주세요."
        return (Reason(DOUBTFUL_DISTRICT, text),)
    if UNKNOWN_DISTRICT not in owner.codes:
        return ()
    if place.ambiguous:
        text = f"여러 구에 걸친 이름입니다({names}). 어느 구인지 확인해 주세요."
        return (Reason(UNKNOWN_DISTRICT, text),)
    return (Reason(UNKNOWN_DISTRICT, "위치 정보가 없습니다. 어느 구, 어느 동인지 확인해 주세요."),)


def _doubts(
    pack: CityPack, prediction: Prediction, owner: Owner, confidence: float
) -> tuple[Reason, ...]:
    if prediction.kind == "abuse":
        text = "장난·욕설이거나 민원과 무관해 보입니다. 처리할 일이 있는지 확인해 주세요."
        return (Reason("abuse", text),)
    if owner.agency is None or confidence >= pack.policy.threshold(owner.agency):
        return ()
    top = ", ".join(f"{pack.services[code].name} {p:.0%}" for code, p in prediction.services[:3])
    text = (
        f"소관 판단 신뢰도 {confidence:.0%}, 기준 미만입니다. 어느 업무인지 확인해 주세요({top})."
    )
    return (Reason("low_confidence", text),)
