from __future__ import annotations

import pytest

from services.city import CityPack
from services.triage.place import Place
from services.triage.rules import department_for, find_owner, road_class_of

BUKGU = Place(district="북구")


@pytest.mark.parametrize(
    ("service", "place", "agency", "department"),
    [
        ("streetlight", BUKGU, "북구청", "시설지원과"),
        ("bus-stop", BUKGU, "북구청", "교통지도과"),
        ("road-damage", BUKGU, "북구청", "건설과"),
        ("road-marking", BUKGU, "북구청", "교통지도과"),
        ("local-tax", BUKGU, "북구청", "세무과"),
        ("streetlight", Place(district="서구"), "서구청", "민원실"),
        ("road-damage", Place(road_class="arterial"), "종합건설본부", "토목부"),
        ("road-damage", Place("서구", road_class="arterial"), "종합건설본부", "토목부"),
        ("road-damage", Place("서구", road_class="local"), "서구청", "민원실"),
        ("road-structure", Place(), "종합건설본부", "토목부"),
        ("water-leak", Place(), "상수도사업본부", "수도사업소 시설관리과"),
        ("water-bill", Place(), "상수도사업본부", "수도사업소 요금관리과"),
        ("flooding", Place(), "재난안전상황실", "자연재난과"),
        ("disaster-safety", Place(), "재난안전상황실", "사회재난과"),
        ("bus-service", Place(), "광주광역시 대중교통과", "대중교통과"),
        ("culture-sports", Place(), "광주광역시 문화체육", "문화체육실"),
        ("metro", Place(), "광주교통공사", "고객센터"),
        ("fire-rescue", Place(), "119", "119"),
        ("police", Place(), "112", "112"),
    ],
)
def test_owners(pack: CityPack, service: str, place: Place, agency: str, department: str) -> None:
    owner = find_owner(pack, service, place)
    assert owner.agency is not None
    assert (pack.agencies[owner.agency].name, owner.department) == (agency, department)


def test_every_service_has_an_owner_with_a_real_department(pack: CityPack) -> None:
    for district in pack.district_offices:
        for service in pack.services:
            owner = find_owner(pack, service, Place(district=district))
            assert owner.agency is not None
            assert owner.department in {d.name for d in pack.departments[owner.agency]}
            assert owner.department == department_for(pack, owner.agency, service)


def test_units_of_bukgu_agree_with_the_hints(pack: CityPack) -> None:
    for service in pack.services.values():
        if service.rule in ("district", "road_class"):
            owner = find_owner(pack, service.code, BUKGU)
            assert owner.department == service.unit_hints[-1], service.code


def test_an_unknown_district_leaves_the_owner_open(pack: CityPack) -> None:
    owner = find_owner(pack, "noise", Place())
    assert (owner.agency, owner.department) == (None, None)
    assert owner.codes == ("unknown_district",)


def test_an_unsaid_road_is_taken_for_a_local_one(pack: CityPack) -> None:
    owner = find_owner(pack, "snow-ice", BUKGU)
    assert "road_class_assumed" in owner.codes
    assert road_class_of(pack, "snow-ice", BUKGU) == "local"
    assert road_class_of(pack, "noise", BUKGU) is None


def test_only_bodies_outside_the_city_are_external(pack: CityPack) -> None:
    outside = {c for c in pack.services if find_owner(pack, c, BUKGU).external}
    assert outside == {"metro", "electricity-gas", "police", "fire-rescue"}


def test_the_rule_cites_its_article(pack: CityPack) -> None:
    assert "북구 규칙 제47조14" in find_owner(pack, "streetlight", BUKGU).rule


def test_an_unknown_service_is_an_error(pack: CityPack) -> None:
    with pytest.raises(KeyError):
        find_owner(pack, "weather", BUKGU)
