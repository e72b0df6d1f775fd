"""The menus of the visual ARS: a tree in versions, each a file `menus/<number>.json` of the pack.

A version that callers have seen is never edited: a change is a new file with the next number. So a
path that was finished under an older version still says what was meant.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FOLDER = "menus"
MAX_DEPTH = 4

Action = Literal["emergency", "connect", "write"]
Language = Literal["ko", "en"]


@dataclass(frozen=True, slots=True)
class Node:
    """A group, or a leaf that leads to a service, a knowledge article or an action.

    An emergency leaf names the service whose agency is to be called. `article_en` is an article's
    counterpart in English, where there is one.
    """

    id: str
    parent: str | None
    ko: str
    en: str
    service: str | None = None
    article: str | None = None
    article_en: str | None = None
    action: Action | None = None

    @property
    def is_leaf(self) -> bool:
        return bool(self.service or self.article or self.action)

    def label(self, language: Language) -> str:
        return self.en if language == "en" else self.ko

    def article_in(self, language: Language) -> str:
        """The id of the article that this leaf leads to; empty if it leads elsewhere."""
        return (language == "en" and self.article_en) or self.article or ""


@dataclass(frozen=True, slots=True)
class Line:
    """A national number where people answer, for a page that has no call to connect."""

    number: str
    ko: str
    en: str

    def label(self, language: Language) -> str:
        return self.en if language == "en" else self.ko


@dataclass(frozen=True, slots=True)
class Menu:
    """One version of the tree, its nodes in the order they are shown."""

    version: str
    published: str
    lines: tuple[Line, ...]
    nodes: Mapping[str, Node]

    def children(self, id: str | None) -> tuple[Node, ...]:
        """The nodes under `id`; the largest groups with None."""
        return tuple(node for node in self.nodes.values() if node.parent == id)

    def path(self, id: str) -> tuple[str, ...]:
        """The ids from the largest group down to `id`, which is in this menu."""
        steps: list[str] = []
        step: str | None = id
        while step is not None and step in self.nodes and step not in steps:
            steps.insert(0, step)
            step = self.nodes[step].parent
        return tuple(steps)

    def emergencies(self) -> tuple[Node, ...]:
        """The leaves that are always in sight."""
        return tuple(node for node in self.nodes.values() if node.action == "emergency")


@dataclass(frozen=True, slots=True)
class Menus:
    """All versions by number; the highest is the current one."""

    versions: Mapping[str, Menu]

    @property
    def current(self) -> Menu:
        return self.versions[max(self.versions, key=int)]

    def current_service(self, node: str, services: Collection[str]) -> str | None:
        """The service that a tap on `node` means now, None if it means none."""
        return self.service(self.current.version, [node], services)

    def service(
        self, version: str | None, path: Sequence[str], services: Collection[str]
    ) -> str | None:
        """The service that a finished path means, None if it means none.

        The version the caller saw decides. Where it or the node is unknown, the last node that is
        itself a service's code does, for an ARS may have a menu of its own.
        """
        menu = self.versions.get(version or "")
        last = menu.nodes.get(path[-1]) if menu and path else None
        if last is not None and last.is_leaf:
            return last.service
        return next((node for node in reversed(path) if node in services), None)


def read_menus(path: Path) -> Menus:
    """The menus of the pack in folder `path`; raises `FileNotFoundError` if there is none."""
    files = [file for file in (path / FOLDER).iterdir() if file.suffix == ".json"]
    if not files or not all(file.stem.isascii() and file.stem.isdecimal() for file in files):
        raise ValueError(f"{FOLDER}: a menu's file is named by its number, as 1.json")
    return Menus(
        {
            file.stem: _menu(file.stem, json.loads(file.read_text(encoding="utf-8")))
            for file in files
        }
    )


def _menu(version: str, content: Mapping[str, Any]) -> Menu:
    rows = content["nodes"]
    for id_, count in Counter(row["id"] for row in rows).items():
        if count > 1:
            raise ValueError(f"{FOLDER}/{version}.json: {id_} is there twice")
    lines = tuple(Line(**line) for line in content["lines"])
    nodes = {row["id"]: Node(**row) for row in rows}
    return Menu(version, content["published"], lines, nodes)


def menu_problems(menus: Menus, services: Mapping[str, str | None]) -> Iterator[str]:
    """What is wrong with the trees, one sentence each.

    `services` gives the agency that a service's rule names, if any.
    """
    for menu in menus.versions.values():
        name = f"{FOLDER}/{menu.version}.json"
        for node in menu.nodes.values():
            yield from (f"{name}: {node.id} {fault}" for fault in _faults(menu, node, services))
        first = next(iter(menu.children(None)), None)
        if first is None or not all(menu.path(n.id)[0] == first.id for n in menu.emergencies()):
            yield f"{name}: emergencies do not stand first"
        for action in ("emergency", "connect", "write"):
            if not any(node.action == action for node in menu.nodes.values()):
                yield f"{name}: no leaf has the action {action}"


def article_leaf_problems(menus: Menus, articles: Mapping[str, Language]) -> Iterator[str]:
    """Leaves whose article is not there; `articles` has the language of each confirmed one."""
    for menu in menus.versions.values():
        for node in menu.nodes.values():
            wanted: dict[str | None, Language] = {node.article: "ko", node.article_en: "en"}
            for id, language in wanted.items():
                if id is not None and articles.get(id) != language:
                    name = f"{FOLDER}/{menu.version}.json: {node.id}"
                    yield f"{name} leads to {id}, which is no confirmed article in {language}"


def _faults(menu: Menu, node: Node, services: Mapping[str, str | None]) -> Iterator[str]:
    if node.parent is not None and node.parent not in menu.nodes:
        yield f"has the parent {node.parent}, which is not there"
        return
    path = menu.path(node.id)
    if menu.nodes[path[0]].parent in menu.nodes:
        yield "is its own ancestor"
    elif len(path) > MAX_DEPTH:
        yield f"lies {len(path)} deep, {MAX_DEPTH} is the most"
    if node.is_leaf == bool(menu.children(node.id)):
        yield "must have either nodes under it or one thing it leads to"
    if node.service is not None and node.service not in services:
        yield f"leads to {node.service}, which is no service"
    if node.id in services and node.service != node.id:
        yield "bears the code of a service that it does not lead to"
    if node.article_en and not node.article:
        yield "has an article in English alone"
    targets = [t for t in (node.service, node.article, node.action) if t]
    if node.action == "emergency":
        if not services.get(node.service or ""):
            yield "names no agency to call"
    elif len(targets) > 1:
        yield "leads to more than one thing"
