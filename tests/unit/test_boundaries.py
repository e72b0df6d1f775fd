"""Boundaries: a small city of squares, one degree's hundredth wide, around the pack's points."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.city import CityPack, check, load
from services.city.boundaries import Area, InvalidBoundaries, read_boundaries
from services.city.boundary_import import import_boundaries
from services.cli.main import cli
from services.settings import ROOT
from services.triage.place import Location, PlaceFinder

GWANGJU = ROOT / "city" / "gwangju"
DONGS = (
    ("동구", "충장동", 35.15, 126.91, "2911052500"),
    ("동구", "동명동", 35.15, 126.92, "2911054500"),
    ("서구", "양동", 35.15, 126.90, "2914051000"),
    ("서구", "양3동", 35.16, 126.90, "2914053000"),
)
HALF = 0.005
Features = list[dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack whose administrative dongs are four."""
    pack = Path(shutil.copytree(GWANGJU, tmp_path / "pack"))
    (pack / "boundaries.geojson").unlink(missing_ok=True)
    rows = ["district,name,kind,lat,lon,code,linked,source"]
    rows += [f"{d},{n},administrative,{lat},{lon},{code},,test" for d, n, lat, lon, code in DONGS]
    (pack / "dongs.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return pack


@pytest.fixture
def pack(folder: Path) -> CityPack:
    return load(folder)


def _square(lat: float, lon: float) -> dict[str, Any]:
    west, east, south, north = lon - HALF, lon + HALF, lat - HALF, lat + HALF
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "MultiPolygon", "coordinates": [[ring]]}


def _features() -> Features:
    return [
        {
            "type": "Feature",
            "properties": {"adm_nm": f"광주광역시 {district} {name}", "adm_cd2": code},
            "geometry": _square(lat, lon),
        }
        for district, name, lat, lon, code in DONGS
    ]


def _file(tmp_path: Path, features: Features, **more: Any) -> Path:
    file = tmp_path / "dongs.geojson"
    data = {"type": "FeatureCollection", "features": features, **more}
    file.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return file


def test_points_are_told_exactly(tmp_path: Path, folder: Path, pack: CityPack) -> None:
    done = import_boundaries(_file(tmp_path, _features()), pack, folder)
    assert (done.areas, done.districts, done.unbounded, done.unknown) == (4, 2, (), ())
    boundaries = read_boundaries(done.path)
    for district, name, lat, lon, _ in DONGS:
        corner = (lat + HALF * 0.99, lon - HALF * 0.99)
        assert boundaries.at(*corner) == boundaries.at(lat, lon) == Area(district, name)
    assert boundaries.at(35.16, 126.91) is None
    assert boundaries.at(float("nan"), 126.91) is None


def test_the_place_finder_uses_them(tmp_path: Path, folder: Path, pack: CityPack) -> None:
    near_the_border = Location(lat=35.15, lon=126.9051)
    outside = Location(lat=35.17, lon=126.93)
    before = PlaceFinder(pack)
    assert before.find("가로등", near_the_border).ambiguous
    assert before.find("가로등", outside).district
    import_boundaries(_file(tmp_path, _features()), pack, folder)
    after = PlaceFinder(load(folder))
    place = after.find("가로등", near_the_border)
    assert (place.district, place.dong, place.ambiguous) == ("동구", "충장동", False)
    assert after.find("가로등", outside).district is None
    assert after.find("양동 가로등", outside).district == "서구"
    elsewhere = after.find("서구 양동 가로등", near_the_border)
    assert (elsewhere.district, elsewhere.ambiguous) == ("동구", True)


def test_the_dong_of_the_address_field_stays(tmp_path: Path, folder: Path, pack: CityPack) -> None:
    import_boundaries(_file(tmp_path, _features()), pack, folder)
    finder = PlaceFinder(load(folder))
    spot = Location(lat=35.15, lon=126.91, dong="동명동")
    assert finder.find("충장동 가로등", spot).dong == "동명동"
    assert finder.find("동명동 사람인데 가로등이", Location(lat=35.15, lon=126.91)).dong == "충장동"


def test_only_the_packs_city_is_kept(tmp_path: Path, folder: Path, pack: CityPack) -> None:
    far = {"adm_nm": "부산광역시 동구 초량동", "adm_cd2": "2617051000"}
    other = {"type": "Feature", "properties": far, "geometry": _square(35.1, 129.0)}
    done = import_boundaries(_file(tmp_path, [*_features(), other]), pack, folder)
    assert done.areas == 4


def test_a_code_outlives_a_name(tmp_path: Path, folder: Path, pack: CityPack) -> None:
    features = _features()
    features[0]["properties"]["adm_nm"] = "광주광역시 동구 옛이름동"
    path = import_boundaries(_file(tmp_path, features), pack, folder).path
    assert read_boundaries(path).at(35.15, 126.91) == Area("동구", "충장동")


def test_older_boundaries_tell_the_district_alone(
    tmp_path: Path, folder: Path, pack: CityPack
) -> None:
    features = _features()[:3]
    north = _square(35.16, 126.90)["coordinates"][0]
    features[2]["geometry"]["coordinates"].append(north)
    done = import_boundaries(_file(tmp_path, features), pack, folder)
    assert done.unbounded == ("서구 양3동",)
    assert read_boundaries(done.path).at(35.16, 126.90) == Area("서구", None)


def _drop(features: Features) -> None:
    del features[3]


def _rename(features: Features) -> None:
    for feature in features:
        feature["properties"] = {"ADM_NM": "충장동"}


def _metres(features: Features) -> None:
    for feature in features:
        feature["geometry"] = _square(1_680_000.0, 940_000.0)


def _turn(features: Features) -> None:
    for feature in features:
        feature["geometry"] = _square(60.0, 35.15)


def _point(features: Features) -> None:
    features[1]["geometry"] = {"type": "Point", "coordinates": [126.9, 35.1]}


def _no_geometry(features: Features) -> None:
    features[1]["geometry"] = None


def _strange_district(features: Features) -> None:
    features[1]["properties"] = {"adm_nm": "광주광역시 중구 동명동"}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_drop, "holds 서구 양3동"),
        (_rename, "feature 1 has no property adm_nm"),
        (_metres, "not degrees"),
        (_turn, "outside the pack's bounds"),
        (_point, "feature 2 is not a Polygon"),
        (_no_geometry, "feature 2"),
        (_strange_district, "no district 중구"),
        (list.clear, "no feature lies in 광주광역시"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(
    tmp_path: Path, folder: Path, spoil: Callable[[Features], None], message: str
) -> None:
    features = _features()
    spoil(features)
    file = _file(tmp_path, features)
    result = CliRunner().invoke(
        cli, ["city", "import-boundaries", str(file), "--pack", str(folder)]
    )
    assert isinstance(result.exception, InvalidBoundaries)
    assert message in str(result.exception)
    assert "\n" not in str(result.exception)
    assert not (folder / "boundaries.geojson").exists()


def test_another_coordinate_system(tmp_path: Path, folder: Path, pack: CityPack) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5179"}}
    with pytest.raises(InvalidBoundaries, match="EPSG:4326"):
        import_boundaries(_file(tmp_path, _features(), crs=crs), pack, folder)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"type": "FeatureCollection"}', '"\\ud800"'])
def test_what_is_no_geojson(tmp_path: Path, folder: Path, pack: CityPack, content: str) -> None:
    file = tmp_path / "wrong.geojson"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidBoundaries):
        import_boundaries(file, pack, folder)


def test_the_command_says_what_it_wrote(tmp_path: Path, folder: Path) -> None:
    file = str(_file(tmp_path, _features()))
    result = CliRunner().invoke(cli, ["city", "import-boundaries", file, "--pack", str(folder)])
    assert result.exit_code == 0
    assert "4 boundaries of 2 districts" in result.output


def test_a_spoilt_import_is_named(folder: Path) -> None:
    (folder / "boundaries.geojson").write_text("{}", encoding="utf-8")
    assert any("boundaries.geojson" in problem for problem in check(folder))
    with pytest.raises(InvalidBoundaries):
        PlaceFinder(load(folder))
