"""Who owns a complaint: explicit, editable data from the pack, never learnt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from services.city.pack import CityPack, RoadClass, Service
from services.triage.place import Place

UNKNOWN_DISTRICT = "unknown_district"
DOUBTFUL_DISTRICT = "doubtful_district"
ROAD_CLASS_ASSUMED = "road_class_assumed"
GENERAL_DESK = "general_desk"
DISTRICT_RULE = "자치구 사무: 관할 구청"
ROAD_RULES: dict[RoadClass, str] = {
    "arterial": "도로 사무: 간선도로(대로·순환도로·6차로 이상·고가)는 시 도로 관리 기관",
    "local": "도로 사무: 이면도로는 관할 구청",
}
NAMED_RULES = {
    "agency": "소관 기관 지정 사무",
    "city": "시 본청 사무",
    "external": "타 기관 소관 사무",
}


@dataclass(frozen=True, slots=True)
class Owner:
    """The agency and unit that must act; `agency` is None while the district is unknown.

    `codes` says what was missing or assumed: `unknown_district`, `doubtful_district`,
    `road_class_assumed`, `general_desk`.
    """

    agency: str | None
    department: str | None
    rule: str
    external: bool = False
    codes: tuple[str, ...] = ()


def find_owner(pack: CityPack, service: str, place: Place) -> Owner:
    """The owner of a complaint about `service` at `place`; KeyError on an unknown service."""
    wanted = pack.services[service]
    agency, rule, codes = _agency(pack, wanted, place)
    if agency is None:
        return Owner(None, None, rule, codes=(*codes, UNKNOWN_DISTRICT))
    department, source = _department(pack, wanted, agency)
    if place.ambiguous and agency in pack.district_offices.values():
        codes = (*codes, DOUBTFUL_DISTRICT)
    if source is None:
        codes = (*codes, GENERAL_DESK)
    else:
        rule = f"{rule} ({source})"
    return Owner(agency, department, rule, pack.agencies[agency].kind == "external", codes)


def owner_finder(pack: CityPack) -> Callable[[str, Place], Owner]:
    """`find_owner` that remembers: of a place only district, class of road and doubt decide."""

    @cache
    def find(
        service: str, district: str | None, road_class: RoadClass | None, ambiguous: bool
    ) -> Owner:
        place = Place(district=district, road_class=road_class, ambiguous=ambiguous)
        return find_owner(pack, service, place)

    return lambda service, place: find(service, place.district, place.road_class, place.ambiguous)


def department_for(pack: CityPack, agency: str, service: str) -> str:
    """The unit of `agency` that acts on `service`; KeyError on an unknown service or agency."""
    return _department(pack, pack.services[service], agency)[0]


def road_class_of(pack: CityPack, service: str, place: Place) -> RoadClass | None:
    """The class that decides the owner of a road service; None for any other service."""
    if pack.services[service].rule != "road_class":
        return None
    return place.road_class or pack.roads.default_class


def _agency(
    pack: CityPack, service: Service, place: Place
) -> tuple[str | None, str, tuple[str, ...]]:
    office = pack.district_offices.get(place.district or "")
    road_class = road_class_of(pack, service.code, place)
    if road_class is not None:
        agency = pack.roads.arterial_agency if road_class == "arterial" else office
        codes = () if place.road_class else (ROAD_CLASS_ASSUMED,)
        return agency, ROAD_RULES[road_class], codes
    if service.rule == "district":
        return office, DISTRICT_RULE, ()
    return service.target, NAMED_RULES[service.rule], ()


def _department(pack: CityPack, service: Service, agency: str) -> tuple[str, str | None]:
    """The unit by its duties, else by the service's hint, else the general desk; and the source."""
    duties = pack.duties.get(agency, ())
    for topic in service.duty_topics:
        for duty in duties:
            if duty.topic == topic:
                return duty.department, duty.source
    units = {department.name for department in pack.departments[agency]}
    for hint in service.unit_hints:
        if hint in units:
            return hint, "업무분장표"
    return pack.agencies[agency].general_desk, None
