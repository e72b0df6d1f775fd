"""The lowest level that keeps the promise, and an own one for agencies with lines enough."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from models.artifact import CARD, FIGURES, SHIPPED, read_json
from models.artifact import replace as replace_artifact
from models.card import card
from models.complaints import Complaint
from models.errors import ModelError
from services.city import CityPack, load
from services.city.pack import Policy
from services.cli.thresholds import (
    FALSE_ALARMS,
    FEWEST,
    LEVELS,
    PRECISION,
    Alarms,
    Case,
    fit_policy,
    fit_thresholds,
    lowest,
    quiet_enough,
    restate,
    with_policy,
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


@pytest.mark.parametrize("ending", ["", "[policy.agency_thresholds]\nbukgu = 0.9\n"])
def test_a_policy_written_is_the_one_that_the_pack_reads(ending: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(PACK, tmp_path / "pack"))
    file = folder / "pack.toml"
    head = file.read_text(encoding="utf-8").partition("[policy]")[0]
    old = f"{head}[policy]\nroute_threshold = 0.8\nemergency_threshold = 0.3\n\n{ending}"
    policy = Policy(0.625, 0.31, {"bukgu": 0.55, "waterworks-hq": 0.7})
    file.write_text(with_policy(old, policy), encoding="utf-8")
    assert load(folder).policy == policy
    assert file.read_text(encoding="utf-8").startswith(head)


@pytest.mark.parametrize(
    "text", ["[policy] # ours\nroute_threshold = 0.8\n\n[hours]\nstart = 1\n", "[hours]\n", ""]
)
def test_a_policy_that_is_not_the_last_section_is_not_written(text: str) -> None:
    with pytest.raises(ModelError, match="last section"):
        with_policy(text, Policy(0.8, 0.3, {}))


def test_thresholds_are_fitted_and_told_in_the_card(
    pack: CityPack, complaints: list[Complaint], tmp_path: Path
) -> None:
    """On a twelfth of the lines: the real steps, the real files."""
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "artifact"))
    found = fit_thresholds(pack, folder, complaints[::12])
    assert found.routed_right >= PRECISION - 0.02
    assert 0.3 < found.routed / found.routable <= 1
    assert found.alarms.on_normal <= FALSE_ALARMS or found.policy.emergency_threshold > 0.5
    restate(found, pack, folder)
    figures = read_json(folder / FIGURES)
    assert figures["routing"]["lines"] == found.lines
    assert (folder / CARD).read_text(encoding="utf-8") == card(figures)
    assert "## Routing" not in card({k: v for k, v in figures.items() if k != "routing"})


def test_a_model_without_vectors_of_its_own_has_no_thresholds(
    pack: CityPack, complaints: list[Complaint], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "artifact"))

    def fill(fresh: Path) -> None:
        (fresh / "classifier.json").write_text("{}", encoding="utf-8")

    replace_artifact(folder, fill, "another")
    with pytest.raises(ModelError, match="own embedder"):
        fit_thresholds(pack, folder, complaints[:10])
