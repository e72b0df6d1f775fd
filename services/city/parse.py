"""Rows of a city pack's files to dataclasses.

A bad row raises KeyError, ValueError, TypeError or AttributeError; `load` gives them their name.
"""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Iterable, Mapping
from datetime import time
from pathlib import Path
from typing import Any, TypeVar, cast

from services.city.pack import (
    Agency,
    Department,
    Dong,
    Duty,
    Emergencies,
    EmergencyRule,
    Hours,
    Landmark,
    OwnerRule,
    PetitionKind,
    Petitions,
    PlaceWords,
    Roads,
    Service,
)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
T = TypeVar("T", Department, Duty)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def read_json(path: Path) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))


def read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _split(value: str) -> tuple[str, ...]:
    return tuple(part for part in value.split("|") if part)


def by_agency(rows: Iterable[T]) -> Mapping[str, tuple[T, ...]]:
    grouped: dict[str, list[T]] = {}
    for row in rows:
        grouped.setdefault(row.agency, []).append(row)
    return {agency: tuple(members) for agency, members in grouped.items()}


def agency(row: Mapping[str, Any]) -> Agency:
    return Agency(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        belongs_to_city=row["belongs_to_city"],
        general_desk=row["general_desk"]["name"],
        general_desk_confirmed=row["general_desk"]["confirmed"],
        district=row.get("district"),
        address=row.get("address"),
    )


def service(row: Mapping[str, str], city: str, ids: Mapping[str, str]) -> Service:
    rule, _, name = row["owner"].partition(":")
    if rule not in ("district", "road_class", "agency", "city", "external"):
        raise ValueError(f"services.csv: unknown owner rule {rule}")
    target = None
    if name:
        target = ids[f"{city} {name}" if rule == "city" else name]
    return Service(
        code=row["code"],
        name=row["name"],
        group=row["group"],
        rule=cast("OwnerRule", rule),
        target=target,
        unit_hints=_split(row["unit_hint"]),
        duty_topics=_split(row["duty_topics"]),
        description=row["description"],
    )


def department(row: Mapping[str, str]) -> Department:
    return Department(
        row["agency"], row["name"], row["direct_resolve"] == "true", row["confirmed"] == "true"
    )


def duty(row: Mapping[str, str]) -> Duty:
    return Duty(row["agency"], row["department"], row["topic"], row["duty"], row["source"])


def dong(row: Mapping[str, str]) -> Dong:
    lat, lon = float(row["lat"]), float(row["lon"])
    linked = _split(row["linked"])
    return Dong(row["district"], row["name"], row["kind"], lat, lon, linked, row["code"])


def landmark(row: Mapping[str, str]) -> Landmark:
    return Landmark(
        row["name"],
        row["district"],
        row["dong"] or None,
        _split(row["aliases"]),
        _split(row["weak_aliases"]),
    )


def hours(row: Mapping[str, Any]) -> Hours:
    times = {name: time.fromisoformat(row[name]) for name in row if name != "weekend"}
    return Hours(**times, weekend=frozenset(WEEKDAYS.index(day) for day in row["weekend"]))


def petitions(data: Mapping[str, Any]) -> Petitions:
    kinds = {}
    for row in data["kinds"]:
        period = row["period"] or {"length": None, "unit": None}
        kinds[row["id"]] = PetitionKind(row["id"], row["name"], law=row["law"], **period)
    petitions = Petitions(kinds, data["default"], data["by_channel"])
    for chosen in (
        petitions.default,
        *(k for m in petitions.by_channel.values() for k in m.values()),
    ):
        kinds[chosen]
    return petitions


def place_words(data: Mapping[str, Any]) -> PlaceWords:
    return PlaceWords(
        other_cities=frozenset(data["other_cities"]),
        city_names=frozenset(data["city_names"]),
        weak_dongs=frozenset(data["weak_dongs"]),
        plain_stems=frozenset(data["plain_stems"]),
        facilities=tuple(data["facilities"]),
    )


def roads(data: Mapping[str, Any]) -> Roads:
    return Roads(
        arterial_agency=data["arterial_agency"],
        default_class=data["default_class"],
        arterial_names=tuple(data["arterial_names"]),
        arterial_lanes_at_least=data["arterial_lanes_at_least"],
        arterial_words=tuple(data["arterial_words"]),
        local_words=tuple(data["local_words"]),
    )


def _spelt_out(group: Iterable[str], words: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The phrases of a group; `@person` stands for all that `words` lists under that name."""
    phrases: list[str] = []
    for phrase in group:
        phrases += words[phrase[1:]] if phrase.startswith("@") else (phrase,)
    return tuple(dict.fromkeys(phrases))


def emergencies(data: Mapping[str, Any]) -> Emergencies:
    return Emergencies(
        rules=tuple(
            EmergencyRule(
                row["id"],
                row["name"],
                row["connect"],
                tuple(_spelt_out(group, data["words"]) for group in row["groups"]),
                tuple(row["unless"]),
                row.get("even_if_past", False),
            )
            for row in data["rules"]
        ),
        figures_of_speech=tuple(data["figures_of_speech"]),
        denials=tuple(data.get("denials", ())),
        past=tuple(data["past"]),
        now=tuple(data["now"]),
    )
