"""Imported administrative boundaries: which district and dong hold a point, exactly.

Imported only where a pack has the file, since shapely takes about 0.1 s to load.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from services.errors import ConfigurationError


class InvalidBoundaries(ConfigurationError):
    """The boundaries cannot be used; import them again with `minwon city import-boundaries`."""

    code = "invalid_boundaries"


@dataclass(frozen=True, slots=True)
class Area:
    """A district and the dong in it; no dong where the boundary holds several of the pack's."""

    district: str
    dong: str | None


class Boundaries:
    """Areas by place. Built once; safe to share between threads."""

    def __init__(self, areas: Sequence[Area], shapes: Sequence[Any]) -> None:
        self._areas = tuple(areas)
        self._shapes = tuple(shapes)
        self._tree = shapely.STRtree(self._shapes)
        shapely.prepare(self._shapes)

    def at(self, lat: float, lon: float) -> Area | None:
        """The area that holds a point in degrees (WGS 84); on a border the first of the two."""
        near: list[int] = self._tree.query(shapely.Point(lon, lat)).tolist()
        for index in sorted(near):
            if shapely.intersects_xy(self._shapes[index], lon, lat):
                return self._areas[index]
        return None


def read_boundaries(path: Path) -> Boundaries:
    """The boundaries that `import_boundaries` wrote; raises `InvalidBoundaries`."""
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        areas = [Area(**feature["properties"]) for feature in features]
        shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
    except (OSError, ValueError, KeyError, TypeError, shapely.errors.ShapelyError):
        raise InvalidBoundaries from None
    return Boundaries(areas, shapes)
