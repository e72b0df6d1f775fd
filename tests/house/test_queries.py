"""Every named query is understood by the migrated schema, named once and used."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from services.database import named_queries
from services.settings import ROOT
from tests.conftest import Installation

FOLDERS = sorted(path.parent for path in (ROOT / "services").rglob("queries.sql"))
QUERIES = [(folder, name) for folder in FOLDERS for name in named_queries(folder)]
PART = re.compile(r"\{\w+\}")
PARAMETER = re.compile(r"%\((\w+)\)s")


def numbered(statement: str) -> str:
    """psycopg's named parameters as Postgres's numbered ones, for a generic plan."""
    names: list[str] = []
    for name in PARAMETER.findall(statement):
        if name not in names:
            names.append(name)
    return PARAMETER.sub(lambda match: f"${names.index(match.group(1)) + 1}", statement)


@pytest.mark.parametrize(
    ("folder", "name"), QUERIES, ids=[f"{folder.name}.{name}" for folder, name in QUERIES]
)
def test_postgres_can_plan_it(folder: Path, name: str, installation: Installation) -> None:
    statement = named_queries(folder)[name].as_string()
    with psycopg.connect(installation.settings.database_url) as conn:
        plan = conn.execute(f"EXPLAIN (GENERIC_PLAN) {numbered(statement)}".encode()).fetchall()
    assert plan


def test_names_are_unique_across_the_house() -> None:
    names = [name for _, name in QUERIES]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_statement_takes_all_columns(folder: Path) -> None:
    for name, query in named_queries(folder).items():
        assert "*" not in query.as_string().replace("count(*)", ""), name
        assert not PART.search(query.as_string()), f"{name} takes a part that is not written"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_statement_is_used(folder: Path) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    for name in named_queries(folder):
        assert f'QUERIES["{name}"]' in code, f"{folder.name}.{name} is used nowhere"
