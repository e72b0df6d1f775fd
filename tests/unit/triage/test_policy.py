from __future__ import annotations

from dataclasses import replace

from models.prediction import Prediction
from services.city import CityPack
from services.triage.place import Place
from services.triage.policy import Decision, decide
from services.triage.rules import find_owner

SURE = Prediction(
    services=(("noise", 0.9), ("odor-air", 0.05), ("building", 0.02)),
    kind="grievance",
    kind_probability=0.9,
    urgency="normal",
    emergency_probability=0.01,
)
SEOGU = Place(district="서구")


def _decide(
    pack: CityPack,
    prediction: Prediction = SURE,
    place: Place = SEOGU,
    confidence: float = 0.97,
    phrase: str | None = None,
) -> Decision:
    owner = find_owner(pack, prediction.services[0][0], place)
    return decide(pack, prediction, owner, place, confidence, phrase)


def _codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_a_sure_owner_is_routed(pack: CityPack) -> None:
    assert _decide(pack) == Decision("route")


def test_a_sure_outside_owner_is_routed_too(pack: CityPack) -> None:
    metro = replace(SURE, services=(("metro", 0.98),))
    assert _decide(pack, metro, Place()).verdict == "route"


def test_low_confidence_goes_to_review_with_the_top_three(pack: CityPack) -> None:
    decision = _decide(pack, confidence=pack.policy.threshold("seogu") - 0.01)
    assert (decision.verdict, _codes(decision)) == ("review", ["low_confidence"])
    for code in ("noise", "odor-air", "building"):
        assert pack.services[code].name in decision.reasons[0].text


def test_each_agency_may_have_its_own_threshold(pack: CityPack) -> None:
    strict = replace(pack, policy=replace(pack.policy, agency_thresholds={"seogu": 0.99}))
    assert _decide(strict).verdict == "review"
    assert _decide(strict, place=Place(district="동구")).verdict == "route"


def test_an_unknown_district_is_named_as_missing(pack: CityPack) -> None:
    assert _codes(_decide(pack, place=Place())) == ["unknown_district"]
    two = Place(ambiguous=True, evidence=("dong:우산동",))
    decision = _decide(pack, place=two)
    assert decision.verdict == "review"
    assert "우산동" in decision.reasons[0].text


def test_a_doubtful_district_matters_only_where_it_decides(pack: CityPack) -> None:
    border = Place(
        district="서구", ambiguous=True, evidence=("coordinates:서구", "coordinates:동구")
    )
    assert _codes(_decide(pack, place=border)) == ["doubtful_district"]
    taxi = replace(SURE, services=(("taxi", 0.98),))
    assert _decide(pack, taxi, border).verdict == "route"


def test_abuse_goes_to_review(pack: CityPack) -> None:
    assert _codes(_decide(pack, replace(SURE, kind="abuse"))) == ["abuse"]


def test_phrases_and_the_model_each_raise_an_emergency_alone(pack: CityPack) -> None:
    by_phrase = _decide(pack, phrase="fire")
    assert (by_phrase.verdict, _codes(by_phrase)) == ("emergency", ["emergency_phrase"])
    assert "119" in by_phrase.reasons[0].text
    at = pack.policy.emergency_threshold
    by_model = _decide(pack, replace(SURE, emergency_probability=at))
    assert (by_model.verdict, _codes(by_model)) == ("emergency", ["emergency_model"])
    assert _decide(pack, replace(SURE, emergency_probability=at - 0.01)).verdict == "route"


def test_an_emergency_without_a_place_says_both(pack: CityPack) -> None:
    decision = _decide(pack, place=Place(), phrase="violence")
    assert decision.verdict == "emergency"
    assert _codes(decision) == ["emergency_phrase", "unknown_district"]


def test_an_emergency_whose_owner_is_in_doubt_says_so(pack: CityPack) -> None:
    border = Place(district="서구", ambiguous=True, evidence=("coordinates:서구",))
    assert not _decide(pack, phrase="fire").doubtful
    assert _decide(pack, phrase="fire", confidence=0.3).doubtful
    assert _decide(pack, phrase="fire", place=border).doubtful
    assert _decide(pack, confidence=0.3).doubtful
