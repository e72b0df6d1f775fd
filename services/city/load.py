"""Reads a city pack's files. Fast: reference checks only; `check` also validates the schemas."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from services.city import parse
from services.city.dialogue import load_script, script_problems
from services.city.menus import menu_problems, read_menus
from services.city.pack import Bounds, CityPack, Clock, Policy
from services.city.parse import read_csv, read_json, read_toml
from services.errors import ConfigurationError

FORMAT = 1
BOUNDARIES = "boundaries.geojson"
"""Written by `minwon city import-boundaries`; a pack works without it."""


class InvalidCityPack(ConfigurationError):
    """The city pack cannot be used; `minwon city check` lists what is wrong with it."""

    code = "invalid_city_pack"


def load(path: Path) -> CityPack:
    """The pack in folder `path`.

    Raises `InvalidCityPack` naming the first fault: a missing or unreadable file, a missing field,
    an owner that is no agency, an agency without its general desk.
    """
    try:
        pack = read(path)
    except FileNotFoundError as error:
        raise InvalidCityPack(f"{Path(str(error.filename)).name} is missing") from None
    except KeyError as error:
        raise InvalidCityPack(f"a name is missing or unknown: {error.args[0]}") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidCityPack(f"a file cannot be read: {error}") from None
    for problem in reference_problems(pack):
        raise InvalidCityPack(problem)
    return pack


def reference_problems(pack: CityPack) -> Iterable[str]:
    """References between files that lead nowhere, one sentence each."""
    for agency in pack.agencies.values():
        names = {department.name for department in pack.departments.get(agency.id, ())}
        if agency.general_desk not in names:
            yield f"departments.csv: {agency.id} lacks its general desk {agency.general_desk}"
        for duty in pack.duties.get(agency.id, ()):
            if duty.department not in names:
                yield f"duties.csv: {agency.id} has no department {duty.department}"
    for name, ids in (("departments.csv", pack.departments), ("duties.csv", pack.duties)):
        yield from (f"{name}: there is no agency {id_}" for id_ in ids if id_ not in pack.agencies)
    for district in {dong.district for dong in pack.dongs} | {m.district for m in pack.landmarks}:
        if district not in pack.district_offices:
            yield f"agencies.json: no agency is the office of {district}"
    connected = {rule.connect for rule in pack.emergencies.rules}
    for id_ in {pack.roads.arterial_agency, *connected, *pack.policy.agency_thresholds}:
        if id_ not in pack.agencies:
            yield f"there is no agency {id_}"
    targets = {service.code: service.target for service in pack.services.values()}
    yield from menu_problems(pack.menus, targets)
    yield from script_problems(pack.dialogue, frozenset(pack.agencies))


def read(path: Path) -> CityPack:
    main = read_toml(path / "pack.toml")
    if main["format"] != FORMAT:
        raise ValueError(f"pack.toml has format {main['format']}, this program reads {FORMAT}")
    agencies = {
        row["id"]: parse.agency(row) for row in read_json(path / "agencies.json")["agencies"]
    }
    ids = {agency.name: agency.id for agency in agencies.values()}
    services = (parse.service(row, main["name"], ids) for row in read_csv(path / "services.csv"))
    policy = main["policy"]
    boundaries = path / BOUNDARIES
    return CityPack(
        id=main["id"],
        name=main["name"],
        timezone=main["timezone"],
        country=main["country"],
        bounds=Bounds(**main["bounds"]),
        hours=parse.hours(main["hours"]),
        clock=Clock(**main["clock"]),
        policy=Policy(**policy),
        petitions=parse.petitions(read_json(path / "petition_kinds.json")),
        extra_holidays=tuple(
            date.fromisoformat(day["date"])
            for day in read_json(path / "calendar.json")["extra_holidays"]
        ),
        agencies=agencies,
        departments=parse.by_agency(map(parse.department, read_csv(path / "departments.csv"))),
        duties=parse.by_agency(map(parse.duty, read_csv(path / "duties.csv"))),
        services={service.code: service for service in services},
        dongs=tuple(map(parse.dong, read_csv(path / "dongs.csv"))),
        landmarks=tuple(map(parse.landmark, read_csv(path / "landmarks.csv"))),
        place_words=parse.place_words(read_json(path / "place_words.json")),
        roads=parse.roads(read_json(path / "roads.json")),
        emergencies=parse.emergencies(read_json(path / "emergency.json")),
        menus=read_menus(path),
        dialogue=load_script(path),
        district_offices={a.district: a.id for a in agencies.values() if a.district},
        reply_templates=tuple(
            {**row, "example": True}
            for row in read_json(path / "reply_templates.json")["templates"]
        ),
        boundaries=boundaries if boundaries.is_file() else None,
    )
