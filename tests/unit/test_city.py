from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.city import InvalidCityPack, check, load
from services.city.check import SCHEMAS
from services.errors import ConfigurationError
from services.settings import ROOT

GWANGJU = ROOT / "city" / "gwangju"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GWANGJU, tmp_path / "pack"))


def _change_json(path: Path, change: Callable[[Any], None]) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def _change_rows(path: Path, change: Callable[[list[dict[str, str]]], None]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_the_shipped_pack_is_sound() -> None:
    assert check(GWANGJU) == []


def test_what_the_pack_of_gwangju_says() -> None:
    pack = load(GWANGJU)
    assert (pack.name, pack.timezone) == ("광주광역시", "Asia/Seoul")
    assert len(pack.services) == 57
    assert sum(dong.kind == "administrative" for dong in pack.dongs) == 97
    assert sum(dong.kind == "legal" for dong in pack.dongs) == 202
    assert set(pack.district_offices) == {"동구", "서구", "남구", "북구", "광산구"}
    for name in (
        "북구청",
        "종합건설본부",
        "상수도사업본부",
        "재난안전상황실",
        "광주광역시 대중교통과",
    ):
        assert pack.agency_named(name) is not None
    assert pack.agency_named("없는 기관") is None


def test_who_belongs_to_the_city() -> None:
    agencies = load(GWANGJU).agencies.values()
    assert all(not a.belongs_to_city for a in agencies if a.kind in ("district", "external"))
    assert all(a.belongs_to_city for a in agencies if a.kind in ("hq", "city"))


@pytest.mark.parametrize(
    ("channel", "kind", "petition", "length", "unit"),
    [
        ("voice", "inquiry", "other", 3, "hours"),
        ("visual_ars", "suggestion", "other", 3, "hours"),
        ("web", "inquiry", "query", 7, "days"),
        ("web", "suggestion", "suggestion", 14, "days"),
        ("web", "grievance", "grievance", 7, "days"),
        ("web", "report", "other", 3, "hours"),
    ],
)
def test_petition_kinds(channel: str, kind: str, petition: str, length: int, unit: str) -> None:
    chosen = load(GWANGJU).petitions.kind_for(channel, kind)
    assert (chosen.id, chosen.length, chosen.unit) == (petition, length, unit)


@pytest.mark.parametrize("name", sorted(p.stem.removesuffix(".schema") for p in SCHEMAS.iterdir()))
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (shutil.rmtree if (copy / name).is_dir() else Path.unlink)(copy / name)
    assert check(copy) == [f"{name} is missing"]
    with pytest.raises(InvalidCityPack, match=name.replace(".", r"\.")):
        load(copy)


def test_a_bad_pack_is_a_configuration_error(copy: Path) -> None:
    (copy / "roads.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigurationError):
        load(copy)
    assert len(check(copy)) == 1


def test_an_owner_that_is_no_agency(copy: Path) -> None:
    _change_rows(copy / "services.csv", lambda rows: rows[0].update(owner="city:없는과"))
    with pytest.raises(InvalidCityPack):
        load(copy)
    assert check(copy)


def test_an_agency_without_its_general_desk(copy: Path) -> None:
    def drop(rows: list[dict[str, str]]) -> None:
        rows[:] = [row for row in rows if row["agency"] != "donggu"]

    _change_rows(copy / "departments.csv", drop)
    with pytest.raises(InvalidCityPack, match="donggu"):
        load(copy)
    assert any("donggu" in problem for problem in check(copy))


def test_an_unknown_field(copy: Path) -> None:
    _change_json(copy / "agencies.json", lambda data: data["agencies"][0].update(phone="0"))
    assert any("agencies.json" in problem for problem in check(copy))


def test_twins(copy: Path) -> None:
    _change_rows(copy / "services.csv", lambda rows: rows.append(dict(rows[0])))
    assert check(copy) == ["services.csv: bus-service is there twice"]


def test_a_dong_outside_the_city(copy: Path) -> None:
    _change_rows(copy / "dongs.csv", lambda rows: rows[0].update(lat="37.566500"))
    assert check(copy) == ["dongs.csv: 동구 충장동 lies outside the city's bounds"]


def test_a_topic_that_no_duty_has(copy: Path) -> None:
    _change_rows(copy / "services.csv", lambda rows: rows[0].update(duty_topics="달나라"))
    assert check(copy) == ["services.csv: bus-service: no duty has the topic 달나라"]


def test_an_emergency_rule_that_leads_nowhere(copy: Path) -> None:
    _change_json(copy / "emergency.json", lambda data: data["rules"][0].update(connect="nobody"))
    with pytest.raises(InvalidCityPack, match="nobody"):
        load(copy)


def test_a_pack_of_another_format(copy: Path) -> None:
    text = (copy / "pack.toml").read_text(encoding="utf-8").replace("format = 1", "format = 2")
    (copy / "pack.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidCityPack, match="format 2"):
        load(copy)
