"""The whole of triage with the model that the repository ships."""

from __future__ import annotations

import pytest

from models.complaints import Complaint as Labelled
from models.engine import load
from services.city import CityPack
from services.city.pack import RoadClass
from services.settings import ROOT
from services.triage.place import Place
from services.triage.rules import find_owner
from services.triage.triage import Complaint, Triage, Triaged


@pytest.fixture(scope="module")
def triaged(pack: CityPack, complaints: list[Labelled]) -> list[tuple[Labelled, Triaged]]:
    """Every sixth shipped line. The model has learned from them: this shows that parts fit."""
    lines = complaints[::6]
    triage = Triage(pack, load(ROOT / "models" / "artifact"))
    done = triage.triage([Complaint(line.text, channel=line.channel) for line in lines])
    return list(zip(lines, done, strict=True))


def test_owners_agree_with_the_labels(
    pack: CityPack, triaged: list[tuple[Labelled, Triaged]]
) -> None:
    def gold(line: Labelled) -> str | None:
        road_class: RoadClass = "arterial" if line.road_class == "arterial" else "local"
        place = Place(district=line.district, road_class=road_class)
        return find_owner(pack, line.service, place).agency

    routed = [(line, done) for line, done in triaged if done.decision == "route"]
    assert sum(gold(line) == done.agency for line, done in triaged) / len(triaged) >= 0.9
    assert sum(gold(line) == done.agency for line, done in routed) / len(routed) >= 0.95


def test_emergencies_are_raised(triaged: list[tuple[Labelled, Triaged]]) -> None:
    urgent = [done for line, done in triaged if line.urgency == "emergency"]
    calm = [done for line, done in triaged if line.urgency == "normal"]
    assert sum(done.decision == "emergency" for done in urgent) / len(urgent) >= 0.9
    assert sum(done.decision == "emergency" for done in calm) / len(calm) <= 0.03


def test_what_is_routed_has_an_owner_and_grounds(triaged: list[tuple[Labelled, Triaged]]) -> None:
    for _, done in triaged:
        if done.decision == "route":
            assert done.agency
            assert done.department
        if done.decision == "review":
            assert {reason.code for reason in done.reasons} & {
                "low_confidence", "unknown_district", "doubtful_district", "abuse",
            }  # fmt: skip
        assert all(reason.text for reason in done.reasons)
        assert done.embedding.ndim == 1
