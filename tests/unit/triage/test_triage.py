from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from models.prediction import Prediction, Vectors
from services.city import CityPack
from services.triage.triage import Complaint, Triage, Triaged, to_json

LAMP = Prediction(
    services=(
        ("streetlight", 0.65),
        ("park-green", 0.2),
        ("road-structure", 0.05),
        ("noise", 0.04),
        ("other", 0.03),
    ),
    kind="report",
    kind_probability=0.9,
    urgency="normal",
    emergency_probability=0.02,
    words=(("가로등이", 1.5),),
)


class Prepared:
    """An engine whose answers are given: one prediction for each text it will meet."""

    version = "prepared-1"
    dimensions = 2

    def __init__(self, predictions: Mapping[str, Prediction]) -> None:
        self._predictions = predictions
        self.batches: list[int] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.batches.append(len(texts))
        return np.eye(2, dtype=np.float32)[[len(text) % 2 for text in texts]].reshape(-1, 2)

    def predict(
        self, texts: Sequence[str], channels: Sequence[str], vectors: Vectors
    ) -> list[Prediction]:
        assert len(texts) == len(channels) == len(vectors)
        return [self._predictions[text] for text in texts]


def _triage(pack: CityPack, complaint: Complaint, prediction: Prediction = LAMP) -> Triaged:
    engine = Prepared({complaint.whole_text: prediction})
    return Triage(pack, engine).triage([complaint])[0]


def test_services_of_one_agency_add_up(pack: CityPack) -> None:
    done = _triage(pack, Complaint("운암동 가로등이 나갔어요", channel="voice"))
    assert (done.agency, done.agency_name, done.department) == ("bukgu", "북구청", "시설지원과")
    assert done.confidence == pytest.approx(0.89)
    assert (done.district, done.dong, done.road_class) == ("북구", "운암동", None)
    assert (done.decision, done.model_version) == ("route", "prepared-1")
    assert {"owner_rule", "place", "words"} <= {reason.code for reason in done.reasons}


def test_no_district_no_owner(pack: CityPack) -> None:
    done = _triage(pack, Complaint("가로등이 나갔어요"))
    assert (done.agency, done.agency_name, done.department) == (None, None, None)
    assert (done.confidence, done.decision) == (0.0, "review")


def test_the_title_and_the_location_count(pack: CityPack) -> None:
    done = _triage(pack, Complaint("가로등이 나갔어요", title="봉선동 민원"))
    assert done.district == "남구"
    done = _triage(pack, Complaint("가로등이 나갔어요", lat=35.2138, lon=126.8486))
    assert done.district == "광산구"
    done = _triage(pack, Complaint("가로등이 나갔어요", dong="치평동"))
    assert done.district == "서구"


def test_a_menu_choice_weighs_half(pack: CityPack) -> None:
    done = _triage(pack, Complaint("운암동 여기요", menu_service="park-green"))
    assert done.service == "park-green"
    assert done.services[0][1] == pytest.approx(0.6)
    assert len(done.services) == 5
    assert _triage(pack, Complaint("운암동 여기요", menu_service="gone")).service == "streetlight"


def test_a_menu_choice_without_words_settles_the_service(pack: CityPack) -> None:
    done = _triage(pack, Complaint("", dong="운암동", menu_service="park-green"))
    assert (done.service, done.agency, done.confidence) == ("park-green", "bukgu", 1.0)
    assert (done.decision, done.kind) == ("route", "report")
    assert done.reasons[0].code == "menu_choice"
    nowhere = _triage(pack, Complaint("", menu_service="park-green"))
    assert (nowhere.decision, nowhere.reasons[0].code) == ("review", "unknown_district")


def test_words_of_another_agency_contradict_the_menu(pack: CityPack) -> None:
    chosen = Complaint("운암동 여기요", menu_service="metro")
    done = _triage(pack, chosen)
    assert done.decision == "review"
    assert "menu_contradicted" in {reason.code for reason in done.reasons}
    same_office = _triage(pack, replace(chosen, menu_service="noise"))
    assert "menu_contradicted" not in {reason.code for reason in same_office.reasons}


def test_an_emergency_is_urgent_whatever_the_label(pack: CityPack) -> None:
    done = _triage(pack, Complaint("운암동 가로등에서 불이 났어요 빨리요"))
    assert (done.decision, done.urgency, done.agency) == ("emergency", "emergency", "bukgu")


def test_a_batch_is_embedded_once_and_keeps_its_order(pack: CityPack) -> None:
    texts = [f"{dong} 가로등" for dong in ("운암동", "치평동", "봉선동")]
    engine = Prepared(dict.fromkeys(texts, LAMP))
    done = Triage(pack, engine).triage([Complaint(text) for text in texts])
    assert [one.agency for one in done] == ["bukgu", "seogu", "namgu"]
    assert engine.batches == [3]
    assert done[0].embedding.dtype == np.float32
    assert Triage(pack, Prepared({})).triage([]) == []


def test_the_line_of_the_command(pack: CityPack) -> None:
    line = to_json(_triage(pack, Complaint("운암동 가로등이 나갔어요")))
    assert list(line) == [
        "service", "services", "kind", "urgency", "district", "road_class", "agency",
        "department", "confidence", "decision",
    ]  # fmt: skip
    assert json.loads(json.dumps(line, ensure_ascii=False))["agency"] == "북구청"
    assert line["services"][0] == ["streetlight", 0.65]


def test_road_services_say_the_class(pack: CityPack) -> None:
    pothole = Prediction((("road-damage", 0.9),), "report", 0.9, "normal", 0.0)
    wide = _triage(pack, Complaint("상무대로 구멍"), pothole)
    assert (wide.road_class, wide.agency) == ("arterial", "construction-hq")
    assert _triage(pack, Complaint("치평동 구멍"), pothole).road_class == "local"
