from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.city import CityPack, InvalidCityPack, check, load
from services.city.menus import MAX_DEPTH, Menus
from services.settings import ROOT

GWANGJU = ROOT / "city" / "gwangju"
Nodes = list[dict[str, Any]]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GWANGJU, tmp_path / "pack"))


def write(copy: Path, version: str, change: Callable[[Nodes], object]) -> None:
    """A further version of the shipped menu, changed."""
    content = json.loads((GWANGJU / "menus" / "1.json").read_text(encoding="utf-8"))
    change(content["nodes"])
    file = copy / "menus" / f"{version}.json"
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def test_every_service_is_reached(pack: CityPack) -> None:
    menu = pack.menus.current
    leaves = [node for node in menu.nodes.values() if node.is_leaf]
    assert {leaf.service for leaf in leaves if leaf.service} == set(pack.services)
    assert all(len(menu.path(leaf.id)) <= MAX_DEPTH for leaf in leaves)
    assert all(len(menu.children(node.id)) <= 8 for node in menu.nodes.values())


def test_emergencies_lead_to_119_and_112(pack: CityPack) -> None:
    called = {
        pack.agencies[pack.services[node.service or ""].target or ""].name
        for node in pack.menus.current.emergencies()
    }
    assert called == {"119", "112"}


FAULTS: dict[str, tuple[Callable[[Nodes], object], str]] = {
    "an orphan": (lambda n: n[5].update(parent="nowhere"), "which is not there"),
    "a ring": (
        lambda n: n.extend(
            [
                {"id": "a", "parent": "b", "ko": "가", "en": "a"},
                {"id": "b", "parent": "a", "ko": "나", "en": "b"},
            ]
        ),
        "is its own ancestor",
    ),
    "an empty group": (
        lambda n: n.append({"id": "empty", "parent": None, "ko": "빈", "en": "empty"}),
        "empty must have either",
    ),
    "a leaf with nodes under it": (lambda n: n[3].update(service="noise"), "must have either"),
    "a service that is none": (lambda n: n[4].update(service="no-such"), "which is no service"),
    "two things": (lambda n: n[4].update(article="a"), "more than one thing"),
    "another's code": (lambda n: n[4].update(service="other"), "bears the code"),
    "twins": (lambda n: n.append(dict(n[4])), "is there twice"),
    "emergencies last": (lambda n: n.append(n.pop(0)), "do not stand first"),
    "nobody to talk to": (lambda n: n.pop(), "no leaf has the action connect"),
    "nobody to call": (lambda n: n[1].update(service="noise"), "names no agency to call"),
    "too deep": (
        lambda n: n.extend(
            {"id": f"d{i}", "parent": "water" if i == 0 else f"d{i - 1}", "ko": "깊", "en": "d"}
            | ({"service": "sewer"} if i == MAX_DEPTH - 1 else {})
            for i in range(MAX_DEPTH)
        ),
        "deep",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_tree_is_named_and_refused(copy: Path, name: str) -> None:
    change, message = FAULTS[name]
    write(copy, "2", change)
    assert any("menus/2.json" in problem and message in problem for problem in check(copy))
    with pytest.raises(InvalidCityPack, match=message):
        load(copy)


def test_a_file_without_a_number(copy: Path) -> None:
    (copy / "menus" / "1.json").rename(copy / "menus" / "new.json")
    assert check(copy)
    with pytest.raises(InvalidCityPack, match="named by its number"):
        load(copy)


@pytest.fixture
def two(copy: Path) -> Menus:
    """Version 10 after version 1: 'pothole' has a new meaning, 'pavement' is gone."""

    def change(nodes: Nodes) -> None:
        nodes[:] = [node for node in nodes if node["id"] != "pavement"]
        next(node for node in nodes if node["id"] == "pothole").update(service="disaster-safety")

    write(copy, "10", change)
    return load(copy).menus


@pytest.mark.parametrize(
    ("version", "path", "service"),
    [
        ("1", ["streets", "road-surface", "pothole"], "road-damage"),
        ("10", ["streets", "road-surface", "pothole"], "disaster-safety"),
        ("1", ["streets", "road-surface", "pavement"], "road-damage"),
        ("1", ["streets", "road-surface"], None),
        ("1", ["write"], None),
        ("1", ["emergency", "emergency-119"], "fire-rescue"),
        ("1", [], None),
        ("of-the-ars", ["menu-3", "road-damage"], "road-damage"),
        ("of-the-ars", ["road-damage", "menu-9"], "road-damage"),
        ("of-the-ars", ["pothole"], None),
        (None, ["x"], None),
    ],
)
def test_what_a_finished_path_means(
    two: Menus, pack: CityPack, version: str | None, path: list[str], service: str | None
) -> None:
    assert two.current.version == "10"
    assert two.service(version, path, pack.services) == service
