"""The lowest level that keeps the promise, and an own one for agencies with lines enough."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from models.errors import ModelError
from services.city import CityPack, load
from services.city.pack import Policy
from services.cli.thresholds import (
    FALSE_ALARMS,
    FEWEST,
    LEVELS,
    Alarms,
    Case,
    fit_policy,
    lowest,
    quiet_enough,
    write_policy,
)
from services.settings import ROOT

PACK = ROOT / "city" / "gwangju"


def cases(agency: str, confidence: float, right: int, wrong: int) -> list[Case]:
    return [Case(agency, confidence, True)] * right + [Case(agency, confidence, False)] * wrong


def test_the_lowest_level_that_keeps_the_precision() -> None:
    some = cases("a", 0.9, 97, 3) + cases("a", 0.6, 50, 50)
    assert 0.6 < lowest(some, 0.95) <= 0.9


def test_no_level_keeps_it_where_the_surest_are_wrong() -> None:
    assert lowest(cases("a", 0.99, 1, 1), 0.95) == LEVELS[-1]


def test_few_lines_take_the_default() -> None:
    many, few = cases("many", 0.7, FEWEST, 0), cases("few", 0.8, FEWEST - 1, 0)
    policy = fit_policy(many + few, 0.3)
    assert set(policy.agency_thresholds) == {"many"}
    assert policy.threshold("few") == policy.route_threshold
    assert policy.emergency_threshold == pytest.approx(0.3)


def test_emergencies_are_called_from_the_lowest_level_that_is_quiet_enough() -> None:
    levels = {
        0.1: Alarms(0.99, 2 * FALSE_ALARMS, 0.5),
        0.2: Alarms(0.97, FALSE_ALARMS, 0.3),
        0.3: Alarms(0.9, FALSE_ALARMS / 2, 0.2),
    }
    assert quiet_enough(levels) == pytest.approx(0.2)
    assert quiet_enough({0.1: levels[0.1]}) == pytest.approx(0.1)


def test_a_policy_written_is_the_one_that_the_pack_reads(pack: CityPack, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(PACK, tmp_path / "pack"))
    policy = Policy(0.625, 0.31, {"bukgu": 0.55, "waterworks-hq": 0.7})
    write_policy(policy, folder / "pack.toml")
    assert load(folder).policy == policy
    write_policy(pack.policy, folder / "pack.toml")
    assert load(folder).policy == pack.policy


def test_a_pack_whose_policy_is_not_its_last_section_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "pack.toml"
    text = "[policy] # ours\nroute_threshold = 0.8\n\n[hours]\nstart = 1\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="last section"):
        write_policy(Policy(0.8, 0.3, {}), file)
    assert file.read_text(encoding="utf-8") == text
