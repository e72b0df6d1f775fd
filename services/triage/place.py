"""Where a complaint lies: the district, dong, landmark, road and class of road its text names.

Names in two districts decide nothing unless the district is said. Coordinates are compared with
the points of the dongs, so near a border they give way to what the text says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians

from services.city.pack import CityPack, RoadClass
from services.triage.mentions import Mention, MentionReader
from services.triage.roads import RoadReader

NEARLY = 1.3
"""A district whose nearest point lies within this multiple of the least distance may be meant."""


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

    `ambiguous` says that names were found which do not agree on one district. `evidence` holds
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
        self._points = tuple(dong for dong in pack.dongs if dong.kind == "administrative")
        self._mentions = MentionReader(pack)
        self._roads = RoadReader(pack.roads)

    def find(self, text: str, location: Location | None = None) -> Place:
        """The place that `text` and `location` name."""
        mentions, near = self._mentions.read(text), dict[str, float]()
        if location is not None:
            near = self._near(location)
            mentions = self._field_mentions(location) or mentions
        district = _decide(mentions, near)
        fitting = [m for m in mentions if district is None or district in m.name.districts]
        road, road_class = self._roads.read(text)
        return Place(
            district=district,
            dong=next((m.name.place for m in fitting if m.name.kind == "dong"), None),
            road=road,
            landmark=next((m.name.place for m in fitting if m.name.kind == "landmark"), None),
            road_class=road_class,
            ambiguous=district is None and bool(mentions),
            evidence=_evidence(fitting, district if near else None, road),
        )

    def _field_mentions(self, location: Location) -> list[Mention]:
        said = " ".join(part for part in (location.address, location.dong) if part)
        return self._mentions.read(said) if said else []

    def _near(self, location: Location) -> dict[str, float]:
        """Districts whose points are about as near as the nearest one, with their distance."""
        lat, lon = location.lat, location.lon
        if lat is None or lon is None or not self._bounds.contain(lat, lon):
            return {}
        narrow = cos(radians(lat))
        least: dict[str, float] = {}
        for dong in self._points:
            distance = hypot(dong.lat - lat, (dong.lon - lon) * narrow)
            least[dong.district] = min(distance, least.get(dong.district, distance))
        limit = min(least.values()) * NEARLY
        return {district: distance for district, distance in least.items() if distance <= limit}


def _decide(mentions: Sequence[Mention], near: Mapping[str, float]) -> str | None:
    weights: dict[str, float] = defaultdict(float)
    for mention in mentions:
        if len(mention.name.districts) == 1:
            weights[next(iter(mention.name.districts))] += mention.weight
    ranked = sorted(weights, key=lambda district: weights[district], reverse=True)
    if near:
        return next((d for d in ranked if d in near), min(near, key=lambda d: near[d]))
    if len(ranked) > 1 and weights[ranked[0]] == weights[ranked[1]]:
        return None
    return ranked[0] if ranked else None


def _evidence(
    mentions: Sequence[Mention], located: str | None, road: str | None
) -> tuple[str, ...]:
    found = [f"{mention.name.kind}:{mention.name.place}" for mention in mentions]
    found += [f"coordinates:{located}"] if located else []
    found += [f"road:{road}"] if road else []
    return tuple(dict.fromkeys(found))
