"""Looks at personal data are logged, and what a superuser does to the log is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from services.access import audit, chain
from services.cli.main import cli
from services.database import API, WORKER, Database, conninfo
from tests.conftest import Installation
from tests.integration.api.town import at_once

Spoil = Callable[[psycopg.Connection], object]


def fill(url: str, rows: int) -> None:
    with psycopg.connect(conninfo(url, API)) as conn:
        for number in range(rows):
            audit.record(conn, "staff:k1", "read_case", address="::1", number=number, 글="가")


def as_superuser(url: str, *statements: str) -> None:
    with psycopg.connect(url) as conn:
        conn.execute("SET session_replication_role = replica")
        for statement in statements:
            conn.execute(statement.encode())


def verified(url: str, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["audit", "verify", "--database-url", url, *arguments])
    return result.exit_code, result.output


TAMPERING = {
    "edited": ["UPDATE audit_log SET actor = 'staff:k2' WHERE id = 3"],
    "edited data": ["UPDATE audit_log SET data = '{}' WHERE id = 3"],
    "edited time": ["UPDATE audit_log SET at = at + interval '1 microsecond' WHERE id = 3"],
    "deleted": ["DELETE FROM audit_log WHERE id IN (3, 4)"],
    "reordered": [
        "UPDATE audit_log SET id = -id WHERE id IN (3, 4)",
        "UPDATE audit_log SET id = 7 + id WHERE id < 0",
    ],
    "cut": ["DELETE FROM audit_log WHERE id >= (SELECT max(id) - 1 FROM audit_log)"],
    "cut all": ["TRUNCATE audit_log"],
    "cut with its head": [
        "DELETE FROM audit_log WHERE id >= (SELECT max(id) - 1 FROM audit_log)",
        "UPDATE audit_head SET (id, hash) = "
        "(SELECT a.id, a.hash FROM audit_log a ORDER BY a.id DESC LIMIT 1)",
    ],
}


@pytest.mark.parametrize("what", TAMPERING)
def test_verify_names_what_was_done(what: str, installation: Installation, tmp_path: Path) -> None:
    url, anchors = installation.settings.database_url, tmp_path / "kept" / "anchors.jsonl"
    fill(url, 8)
    with psycopg.connect(conninfo(url, WORKER)) as conn:
        assert chain.append_anchor(anchors, chain.find_head(conn), datetime.now(UTC))
        assert not chain.append_anchor(anchors, chain.find_head(conn), datetime.now(UTC))
    status, said = verified(url, "--anchors", str(anchors))
    assert (status, "no findings" in said) == (0, True), said
    as_superuser(url, *TAMPERING[what])
    status, said = verified(url, "--anchors", str(anchors))
    assert status == 1
    assert said.startswith(f"{what.split()[0]}: ")
    if what != "cut with its head":
        assert verified(url)[0] == 1


def test_a_damaged_anchor_is_named(installation: Installation, tmp_path: Path) -> None:
    anchors = tmp_path / "anchors.jsonl"
    anchors.write_text("nothing\n")
    status, said = verified(installation.settings.database_url, "--anchors", str(anchors))
    assert (status, said.splitlines()[0]) == (1, "unreadable: line 1 of the anchors is none")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET actor = ''",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
    ],
)
def test_even_the_owner_only_adds(statement: str, installation: Installation) -> None:
    url = installation.settings.database_url
    fill(url, 1)
    with psycopg.connect(url) as conn, pytest.raises(psycopg.Error, match="only ever added to"):
        conn.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT actor FROM audit_log",
        "UPDATE audit_head SET id = 0",
        "INSERT INTO audit_log (actor, action, at) VALUES ('x', 'x', now())",
        "INSERT INTO audit_log (actor, action, hash) VALUES ('x', 'x', '')",
        "ALTER TABLE audit_log DISABLE TRIGGER ALL",
    ],
)
@pytest.mark.parametrize("role", [API, WORKER])
def test_programs_neither_read_nor_forge_it(
    role: str, statement: str, installation: Installation
) -> None:
    with (
        psycopg.connect(conninfo(installation.settings.database_url, role)) as conn,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        conn.execute(statement.encode())


def test_many_append_at_once_and_the_chain_holds(installation: Installation) -> None:
    url = installation.settings.database_url
    database = Database(url, API, size=8)
    database.open()

    def append() -> None:
        with database.transaction() as conn:
            audit.record(conn, "staff:k1", "read_case")

    try:
        before = int(verified(url)[1].split()[0])
        at_once([append] * 60, 8)
    finally:
        database.close()
    status, said = verified(url)
    assert (status, said.split()[0]) == (0, str(before + 60))
