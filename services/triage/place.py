"""Where a complaint lies: the district, dong, landmark, road and class of road its text names.

Names in two districts decide nothing unless the district is said. Coordinates are exact where the
pack has boundaries; else they are compared with the points of the dongs, so near a border they
give way to what the text says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import cos, hypot, radians
from typing import TYPE_CHECKING

from services.city.pack import CityPack, RoadClass
from services.triage.mentions import Mention, MentionReader
from services.triage.roads import RoadReader

if TYPE_CHECKING:
    from services.city.boundaries import Area, Boundaries

NEARLY = 1.5
"""A district whose nearest point lies within this multiple of the least distance may be meant.

Against the administrative boundaries of 2021, 20 points drawn in each dong: where only one
district is that near (91 % of the points) it was the right one in 99.0 %, else in 68 %.
"""
FIELD_WEIGHT = 10.0
"""What a channel's own address field adds to a name: more than any talk of other places."""


@dataclass(frozen=True, slots=True)
class Location:
    """What the channel knew besides the text. Coordinates in degrees (WGS 84)."""

    lat: float | None = None
    lon: float | None = None
    dong: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a complaint lies; None for what is not known.

    `ambiguous` says that a person should look: names that do not agree on one district, a point
    near a border, or a text that names another district than the point. `evidence` holds
    `kind:name` of each name that speaks for the place, in the order of the text.
    """

    district: str | None = None
    dong: str | None = None
    road: str | None = None
    landmark: str | None = None
    road_class: RoadClass | None = None
    ambiguous: bool = False
    evidence: tuple[str, ...] = ()


class PlaceFinder:
    """Finds the place of a text. Built once from a pack; safe to share between threads."""

    def __init__(self, pack: CityPack) -> None:
        self._bounds = pack.bounds
        self._boundaries = _boundaries(pack)
        self._points = tuple(dong for dong in pack.dongs if dong.kind == "administrative")
        self._mentions = MentionReader(pack)
        self._roads = RoadReader(pack.roads)

    def find(self, text: str, location: Location | None = None) -> Place:
        """The place that `text` and `location` name."""
        mentions = self._mentions.read(text)
        near: Mapping[str, float] = {}
        area = None
        if location is not None:
            mentions = [*self._fields(location), *mentions]
            area, near = self._at(location)
        district, ambiguous = _decide(mentions, near)
        fitting = [m for m in mentions if district is None or district in m.name.districts]
        road, road_class = self._roads.read(text)
        return Place(
            district=district,
            dong=_dong(fitting, area),
            road=road,
            landmark=next((m.name.place for m in fitting if m.name.kind == "landmark"), None),
            road_class=road_class,
            ambiguous=ambiguous,
            evidence=_evidence(fitting, near, road),
        )

    def _fields(self, location: Location) -> list[Mention]:
        said = " ".join(part for part in (location.address, location.dong) if part)
        found = self._mentions.read(said) if said else []
        return [replace(mention, weight=mention.weight + FIELD_WEIGHT) for mention in found]

    def _at(self, location: Location) -> tuple[Area | None, Mapping[str, float]]:
        """The area that holds the point, where boundaries tell; the districts that it may be in."""
        lat, lon = location.lat, location.lon
        if lat is None or lon is None or not self._bounds.contain(lat, lon):
            return None, {}
        if self._boundaries is None:
            return None, self._near(lat, lon)
        area = self._boundaries.at(lat, lon)
        return area, {area.district: 0.0} if area else {}

    def _near(self, lat: float, lon: float) -> dict[str, float]:
        """Districts whose points are about as near as the nearest one, with their distance."""
        narrow = cos(radians(lat))
        least: dict[str, float] = {}
        for dong in self._points:
            distance = hypot(dong.lat - lat, (dong.lon - lon) * narrow)
            least[dong.district] = min(distance, least.get(dong.district, distance))
        limit = min(least.values()) * NEARLY
        return {district: distance for district, distance in least.items() if distance <= limit}


def _boundaries(pack: CityPack) -> Boundaries | None:
    if pack.boundaries is None:
        return None
    from services.city.boundaries import read_boundaries

    return read_boundaries(pack.boundaries)


def _dong(mentions: Sequence[Mention], area: Area | None) -> str | None:
    """The dong of the address field, else the one that holds the point, else the first named."""
    named = [mention for mention in mentions if mention.name.kind == "dong"]
    if area is not None and area.dong and not any(m.weight >= FIELD_WEIGHT for m in named):
        return area.dong
    return named[0].name.place if named else None


def _decide(mentions: Sequence[Mention], near: Mapping[str, float]) -> tuple[str | None, bool]:
    """The district, and whether it (or its lack) is in doubt."""
    weights: dict[str, float] = defaultdict(float)
    for mention in mentions:
        if len(mention.name.districts) == 1:
            weights[next(iter(mention.name.districts))] += mention.weight
    ranked = sorted(weights, key=lambda district: weights[district], reverse=True)
    if near:
        told = next((district for district in ranked if district in near), None)
        nearest = min(near, key=lambda district: near[district])
        return told or nearest, told is None and (len(near) > 1 or bool(ranked))
    if len(ranked) > 1 and weights[ranked[0]] == weights[ranked[1]]:
        return None, True
    return (ranked[0], False) if ranked else (None, bool(mentions))


def _evidence(
    mentions: Sequence[Mention], near: Mapping[str, float], road: str | None
) -> tuple[str, ...]:
    found = [f"{mention.name.kind}:{mention.name.place}" for mention in mentions]
    found += [f"coordinates:{district}" for district in sorted(near, key=lambda d: near[d])]
    found += [f"road:{road}"] if road else []
    return tuple(dict.fromkeys(found))
