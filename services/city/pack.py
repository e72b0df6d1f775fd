"""What a city pack says, as frozen dataclasses. Loaded by `load`, verified by `check`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any, Literal

from services.city.dialogue import Script
from services.city.menus import Menus

AgencyKind = Literal["district", "hq", "city", "external"]
OwnerRule = Literal["district", "road_class", "agency", "city", "external"]
RoadClass = Literal["arterial", "local"]


@dataclass(frozen=True, slots=True)
class Agency:
    """Who may own a case. `belongs_to_city` is false for districts and outside bodies."""

    id: str
    name: str
    kind: AgencyKind
    belongs_to_city: bool
    general_desk: str
    """The department that takes what no duty names."""
    general_desk_confirmed: bool
    district: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Department:
    """A unit of an agency; `direct_resolve` lets a handler resolve without approval."""

    agency: str
    name: str
    direct_resolve: bool
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """What a rule says that a department does; `source` names the article."""

    agency: str
    department: str
    topic: str
    duty: str
    source: str


@dataclass(frozen=True, slots=True)
class Service:
    """One of the classifier's labels and the rule that names its owner."""

    code: str
    name: str
    group: str
    rule: OwnerRule
    target: str | None
    """Id of the agency that the rule names, where it names one."""
    unit_hints: tuple[str, ...]
    duty_topics: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Dong:
    """A neighbourhood: `kind` is administrative or legal; point in degrees (WGS 84)."""

    district: str
    name: str
    kind: str
    lat: float
    lon: float
    linked: tuple[str, ...]
    code: str
    """Ten digits, of the administrative standard codes (행정표준코드)."""


@dataclass(frozen=True, slots=True)
class Landmark:
    """A known place. Weak aliases are ordinary words too: they need a word of place after them."""

    name: str
    district: str
    dong: str | None
    aliases: tuple[str, ...]
    weak_aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """Words by which names of places are told from other words."""

    other_cities: frozenset[str]
    city_names: frozenset[str]
    weak_dongs: frozenset[str]
    plain_stems: frozenset[str]
    facilities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roads:
    """How an arterial road is told from a local one, and who keeps the arterial ones."""

    arterial_agency: str
    default_class: RoadClass
    arterial_names: tuple[str, ...]
    arterial_lanes_at_least: int
    arterial_words: tuple[str, ...]
    local_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EmergencyRule:
    """Fires when each group has a phrase in the text; phrases are compared without spaces."""

    id: str
    name: str
    connect: str
    """Id of the agency to call first: 119 or 112."""
    groups: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...]
    even_if_past: bool = False
    """Words of the past do not take it back: who wants to die tells what went before."""


@dataclass(frozen=True, slots=True)
class Emergencies:
    """The phrases of life and limb, and those that take them back."""

    rules: tuple[EmergencyRule, ...]
    figures_of_speech: tuple[str, ...]
    denials: tuple[str, ...]
    past: tuple[str, ...]
    now: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours of a day; `weekend` holds weekday numbers, Monday 0."""

    start: time
    end: time
    lunch_start: time
    lunch_end: time
    day_deadline: time
    weekend: frozenset[int]


@dataclass(frozen=True, slots=True)
class Clock:
    """Statutory settings, in working hours, days or counts as the names say."""

    hours_per_day: int
    days_counted_in_hours_up_to: int
    receipt_to_unit_hours: int
    misfiled_inside_agency_hours: int
    other_agency_hours: int
    progress_notice_days: int
    field_survey_days: int
    field_survey_extension_days: int
    merge_people_at_least: int
    repeat_petitions_at_least: int
    repeat_notices_at_least: int
    supplement_days: int
    """Days that a citizen has to answer when the officer names none."""
    undelivered_days: int
    """Days after which an answered case is closed though no notice reached the citizen."""


@dataclass(frozen=True, slots=True)
class PetitionKind:
    """A kind of petition; no period means the city's published table decides."""

    id: str
    name: str
    length: int | None
    unit: Literal["hours", "days"] | None
    law: str


@dataclass(frozen=True, slots=True)
class Petitions:
    """The kinds, and which one a complaint takes when staff have not chosen."""

    kinds: Mapping[str, PetitionKind]
    default: str
    by_channel: Mapping[str, Mapping[str, str]]

    def named(self, id: str) -> PetitionKind:
        """The kind of a case; one that the city has given up has no period any more."""
        return self.kinds.get(id) or PetitionKind(id, id, None, None, "")

    def kind_for(self, channel: str, kind: str) -> PetitionKind:
        """The petition kind of a complaint with this channel and triage kind."""
        return self.kinds[self.by_channel.get(channel, {}).get(kind, self.default)]


@dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds, probabilities in 0..1."""

    route_threshold: float
    emergency_threshold: float
    agency_thresholds: Mapping[str, float]

    def threshold(self, agency: str) -> float:
        """Confidence from which a case goes to this agency without a person's look."""
        return self.agency_thresholds.get(agency, self.route_threshold)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Degrees (WGS 84)."""

    south: float
    north: float
    west: float
    east: float

    def contain(self, lat: float, lon: float) -> bool:
        return self.south <= lat <= self.north and self.west <= lon <= self.east


@dataclass(frozen=True, slots=True)
class CityPack:
    """Everything the service knows about one city."""

    id: str
    name: str
    timezone: str
    country: str
    bounds: Bounds
    hours: Hours
    clock: Clock
    policy: Policy
    petitions: Petitions
    extra_holidays: tuple[date, ...]
    agencies: Mapping[str, Agency]
    departments: Mapping[str, tuple[Department, ...]]
    """By agency id."""
    duties: Mapping[str, tuple[Duty, ...]]
    """By agency id."""
    services: Mapping[str, Service]
    dongs: tuple[Dong, ...]
    landmarks: tuple[Landmark, ...]
    place_words: PlaceWords
    roads: Roads
    emergencies: Emergencies
    menus: Menus
    dialogue: Script
    district_offices: Mapping[str, str] = field(default_factory=dict)
    """District name to the id of its office."""
    reply_templates: tuple[Mapping[str, Any], ...] = ()
    """Examples: name, service (None for all), text, and `example`, which is true."""
    boundaries: Path | None = None
    """The file of imported boundaries, where there is one."""

    def agency_named(self, name: str) -> Agency | None:
        """The agency with exactly this Korean name."""
        return next((agency for agency in self.agencies.values() if agency.name == name), None)
