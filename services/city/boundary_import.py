"""Takes a GeoJSON of administrative dongs into a city pack as one compact file.

The form is that of the open data set admdongkor: one feature for each dong, `adm_nm` holding
province or city, district and dong, `adm_cd2` the ten-digit code. Files of the whole country do:
only the pack's city is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import shapely

from services.city.boundaries import Area, InvalidBoundaries
from services.city.load import BOUNDARIES
from services.city.pack import CityPack, Dong

DIGITS = 6
"""Decimals of a degree that are kept: a tenth of a metre."""
WGS_84 = ("CRS84", "EPSG:4326", "EPSG::4326")


@dataclass(frozen=True, slots=True)
class Imported:
    """What was written; `unbounded` are dongs of the pack that have no boundary of their own."""

    path: Path
    areas: int
    districts: int
    unbounded: tuple[str, ...]
    unknown: tuple[str, ...]
    """Dongs of the file that the pack does not have."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """An area and its shape, a (multi)polygon in degrees, longitude first."""

    area: Area
    shape: Any


def import_boundaries(file: Path, pack: CityPack, folder: Path) -> Imported:
    """Write the boundaries of `pack`'s city in `file` into the pack's `folder`.

    Raises `InvalidBoundaries`, naming the first fault: no GeoJSON, coordinates other than WGS 84,
    missing properties, or a dong of the pack whose point lies in no boundary of its district.
    """
    found = list(_city(_features(file), pack))
    if not found:
        raise InvalidBoundaries(f"no feature lies in {pack.name}: adm_nm must begin with that name")
    dongs = [dong for dong in pack.dongs if dong.kind == "administrative"]
    _check_place(found, pack)
    _check_points(found, dongs)
    named = {(one.area.district, one.area.dong) for one in found}
    known = {(dong.district, dong.name) for dong in dongs}
    unbounded = [dong for dong in dongs if (dong.district, dong.name) not in named]
    kept = [_without_dong(one, unbounded) for one in found]
    path = folder / BOUNDARIES
    _write(path, kept)
    return Imported(
        path=path,
        areas=len(kept),
        districts=len({one.area.district for one in kept}),
        unbounded=tuple(f"{dong.district} {dong.name}" for dong in unbounded),
        unknown=tuple(sorted(f"{district} {dong}" for district, dong in named - known)),
    )


def _features(file: Path) -> Sequence[Mapping[str, Any]]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidBoundaries(f"the file cannot be read: {error.strerror}") from None
    except ValueError:
        raise InvalidBoundaries("the file is not JSON in UTF-8") from None
    if not isinstance(data, dict) or data.get("type") != "FeatureCollection":
        raise InvalidBoundaries("the file is not a GeoJSON FeatureCollection")
    name = ((data.get("crs") or {}).get("properties") or {}).get("name")
    if name is not None and not str(name).endswith(WGS_84):
        raise InvalidBoundaries("the coordinates are not WGS 84: convert the file to EPSG:4326")
    features = data.get("features")
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise InvalidBoundaries("the file has no list of features")
    return features


def _city(features: Sequence[Mapping[str, Any]], pack: CityPack) -> Iterator[Bounded]:
    by_code = {dong.code: dong for dong in pack.dongs if dong.kind == "administrative"}
    for number, feature in enumerate(features, 1):
        properties = feature.get("properties") or {}
        whole = properties.get("adm_nm")
        if not isinstance(whole, str):
            raise InvalidBoundaries(f"feature {number} has no property adm_nm")
        words = whole.split()
        if words[:1] != [pack.name]:
            continue
        if len(words) < len(("city", "district", "dong")):
            raise InvalidBoundaries(f"feature {number}: adm_nm must name city, district and dong")
        dong = by_code.get(str(properties.get("adm_cd2")))
        area = Area(dong.district, dong.name) if dong else Area(words[1], words[-1])
        if area.district not in pack.district_offices:
            raise InvalidBoundaries(f"the pack has no district {area.district}")
        yield Bounded(area, _shape(number, feature.get("geometry")))


def _shape(number: int, geometry: Any) -> Any:
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except shapely.errors.ShapelyError:
        raise InvalidBoundaries(f"feature {number} has no readable geometry") from None
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise InvalidBoundaries(f"feature {number} is not a Polygon or MultiPolygon")
    return shapely.make_valid(shapely.transform(shape, lambda at: at.round(DIGITS)))


def _check_place(found: Sequence[Bounded], pack: CityPack) -> None:
    west, south, east, north = shapely.total_bounds([one.shape for one in found])
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InvalidBoundaries("the coordinates are not degrees: convert the file to EPSG:4326")
    bounds = pack.bounds
    if west > bounds.east or east < bounds.west or south > bounds.north or north < bounds.south:
        raise InvalidBoundaries("the boundaries lie outside the pack's bounds (longitude first?)")


def _check_points(found: Sequence[Bounded], dongs: Sequence[Dong]) -> None:
    missing = [
        f"{dong.district} {dong.name}"
        for dong in dongs
        if not any(one.area.district == dong.district and _holds(one, dong) for one in found)
    ]
    if missing:
        rest = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InvalidBoundaries(f"no boundary of its district holds {missing[0]}{rest}")


def _holds(one: Bounded, dong: Dong) -> bool:
    return bool(shapely.intersects_xy(one.shape, dong.lon, dong.lat))


def _without_dong(one: Bounded, unbounded: Sequence[Dong]) -> Bounded:
    """Drafted before a dong was cut out of it, a boundary tells the district but not the dong."""
    if any(_holds(one, dong) for dong in unbounded):
        return replace(one, area=replace(one.area, dong=None))
    return one


def _write(path: Path, found: Sequence[Bounded]) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"district": one.area.district, "dong": one.area.dong},
            "geometry": json.loads(shapely.to_geojson(one.shape)),
        }
        for one in found
    ]
    data = {"type": "FeatureCollection", "features": features}
    draft = path.with_suffix(".part")
    try:
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise InvalidBoundaries(f"the pack cannot be written: {error.strerror}") from None
