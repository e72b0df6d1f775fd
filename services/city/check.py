"""Verifies a city pack: every file against its schema, then what the files say of each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from services.city.articles import article_problems, read_articles
from services.city.load import InvalidCityPack, read, reference_problems
from services.city.menus import article_leaf_problems
from services.city.pack import CityPack
from services.city.parse import read_csv, read_json, read_toml

SCHEMAS = Path(__file__).resolve().parents[2] / "city" / "schema"


READERS: dict[str, Callable[[Path], Any]] = {
    ".csv": read_csv,
    ".json": read_json,
    ".toml": read_toml,
}


def check(path: Path) -> list[str]:
    """What is wrong with the pack in folder `path`, one sentence each; empty when all is well."""
    schemas = sorted(SCHEMAS.glob("*.json"))
    problems = [problem for schema in schemas for problem in _files(path, schema)]
    if problems:
        return problems
    try:
        pack = read(path)
    except (InvalidCityPack, KeyError, ValueError, TypeError) as error:
        return [f"the files do not fit together: {error}"]
    facts = (*reference_problems(pack), *_duplicates(path), *_services(pack), *_places(pack))
    return [*facts, *_boundaries(pack), *_articles(path, pack)]


def _files(path: Path, schema: Path) -> Iterator[str]:
    """What is wrong with the file that `schema` is for, or with each file of a folder."""
    name = schema.name.removesuffix(".schema.json")
    found = sorted((path / name).glob("*.json")) if (path / name).is_dir() else [path / name]
    if not found or not found[0].is_file():
        yield f"{name} is missing"
        return
    for file in found:
        yield from _file(file, str(file.relative_to(path)), schema)


def _file(file: Path, name: str, schema: Path) -> Iterator[str]:
    try:
        content = READERS[file.suffix](file)
    except (ValueError, KeyError) as error:
        yield f"{name} cannot be read: {error}"
        return
    from jsonschema import Draft202012Validator  # 60 ms that only the operator's command needs

    for fault in Draft202012Validator(read_json(schema)).iter_errors(content):
        where = "/".join(str(step) for step in fault.absolute_path)
        yield f"{name}: {where or 'the whole'}: {fault.message}"


def _duplicates(path: Path) -> Iterator[str]:
    keys: dict[str, tuple[str, ...]] = {
        "departments.csv": ("agency", "name"),
        "services.csv": ("code",),
        "dongs.csv": ("district", "name", "kind"),
        "landmarks.csv": ("name",),
    }
    for name, fields in keys.items():
        counted = Counter(tuple(row[field] for field in fields) for row in read_csv(path / name))
        yield from (
            f"{name}: {' '.join(key)} is there twice" for key, n in counted.items() if n > 1
        )
    rows = read_json(path / "agencies.json")["agencies"]
    for field in ("id", "name", "district"):
        counted = Counter((row[field],) for row in rows if field in row)
        yield from (
            f"agencies.json: {key[0]} is there twice" for key, n in counted.items() if n > 1
        )


def _services(pack: CityPack) -> Iterator[str]:
    topics = {duty.topic for duties in pack.duties.values() for duty in duties}
    for service in pack.services.values():
        for topic in service.duty_topics:
            if topic not in topics:
                yield f"services.csv: {service.code}: no duty has the topic {topic}"
        if service.rule == "road_class" and len(service.unit_hints) != 2:
            yield f"services.csv: {service.code}: the unit hint needs two names, arterial and local"


def _boundaries(pack: CityPack) -> Iterator[str]:
    if pack.boundaries is None:
        return
    from services.city.boundaries import InvalidBoundaries, read_boundaries

    try:
        read_boundaries(pack.boundaries)
    except InvalidBoundaries as error:
        yield f"{pack.boundaries.name}: {error}"


def _articles(path: Path, pack: CityPack) -> Iterator[str]:
    try:
        articles = read_articles(path)
    except ValueError as error:
        yield str(error)
        return
    yield from article_problems(articles, pack)
    confirmed = {article.id: article.language for article in articles if article.confirmed}
    yield from article_leaf_problems(pack.menus, confirmed)


def _places(pack: CityPack) -> Iterator[str]:
    names = {(dong.district, dong.name) for dong in pack.dongs}
    for dong in pack.dongs:
        if not pack.bounds.contain(dong.lat, dong.lon):
            yield f"dongs.csv: {dong.district} {dong.name} lies outside the city's bounds"
        for linked in dong.linked:
            if (dong.district, linked) not in names:
                yield f"dongs.csv: {dong.name} is linked to {linked}, which is not in the file"
    for landmark in pack.landmarks:
        if landmark.dong and (landmark.district, landmark.dong) not in names:
            yield f"landmarks.csv: {landmark.name}: {landmark.district} has no {landmark.dong}"
