"""Looks at personal data are logged, and what a superuser does to the log is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from services.access import audit, chain, pruning
from services.access.anchors import Tail, append_anchor
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
        assert append_anchor(anchors, chain.find_head(conn), datetime.now(UTC))
        assert not append_anchor(anchors, chain.find_head(conn), datetime.now(UTC))
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
        "INSERT INTO audit_log (actor, action) VALUES ('x', 'prune')",
        "SELECT prune_audit_log(now(), 10)",
        "SELECT set_config('minwon.audit_cut', '9', false); DELETE FROM audit_log",
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


AGED = """
    DO $$
    DECLARE
        one audit_log%ROWTYPE;
        before bytea := decode(repeat('00', 32), 'hex');
    BEGIN
        FOR one IN SELECT * FROM audit_log ORDER BY id LOOP
            one.at := one.at - CASE WHEN one.id <= 6 THEN interval '801 days' ELSE '9 days' END;
            one.hash := sha256(before || convert_to(audit_content(
                one.at, one.actor, one.address, one.action, one.case_id, one.data), 'UTF8'));
            UPDATE audit_log SET at = one.at, previous = before, hash = one.hash WHERE id = one.id;
            before := one.hash;
        END LOOP;
        UPDATE audit_head SET hash = before;
    END $$"""
"""Makes the first six rows 801 days old and the others 9, in a chain that holds."""

FALSE_PRUNE = """
    INSERT INTO audit_log (actor, action, data)
    SELECT 'system', 'prune', jsonb_build_object('through', id, 'hash', encode(hash, 'hex'))
    FROM audit_log WHERE id = {last}"""


def aged(url: str, anchors: Path) -> None:
    """Rows with their anchors, the first six of them past their two years."""
    fill(url, 9)
    as_superuser(url, AGED)
    with psycopg.connect(url) as conn:
        for id, hash, at in conn.execute("SELECT id, hash, at FROM audit_log ORDER BY id"):
            append_anchor(anchors, Tail(id, hash), at)


def test_what_was_kept_for_two_years_goes_and_the_chain_still_holds(
    installation: Installation, tmp_path: Path
) -> None:
    url, anchors = installation.settings.database_url, tmp_path / "anchors.jsonl"
    aged(url, anchors)
    database = Database(url, WORKER)
    database.open()
    try:
        assert pruning.prune(database, at_once=4) == 6
        assert pruning.prune(database) == 0
    finally:
        database.close()
    status, said = verified(url, "--anchors", str(anchors))
    assert (status, said.split(",")[1]) == (0, " the first 6 removed after two years"), said
    with psycopg.connect(url) as conn:
        left = conn.execute("SELECT id, action FROM audit_log ORDER BY id").fetchall()
        assert left[0][0] == 7
        assert [action for _, action in left[-2:]] == ["prune", "prune"]
        with pytest.raises(psycopg.Error, match="only ever added to"):
            conn.execute("DELETE FROM audit_log WHERE id = 7")
    as_superuser(url, "DELETE FROM audit_log WHERE id = 7")
    assert verified(url)[1].startswith("deleted: rows 7 to 7 are missing")


def test_nobody_shortens_it_too_early_or_says_so_unseen(
    installation: Installation, tmp_path: Path
) -> None:
    url, anchors = installation.settings.database_url, tmp_path / "anchors.jsonl"
    aged(url, anchors)
    with psycopg.connect(url) as conn:
        with pytest.raises(psycopg.Error, match="kept for two years"):
            conn.execute("SELECT prune_audit_log(now() - interval '1 year', 100)")
        conn.rollback()
        conn.execute("SET minwon.audit_cut = '9'")
        with pytest.raises(psycopg.Error, match="only ever added to"):
            conn.execute("DELETE FROM audit_log WHERE id >= 7")
        conn.rollback()
        conn.execute(FALSE_PRUNE.format(last=8).encode())
    assert verified(url)[1].startswith("broken: rows up to 8 are said to be removed")
    as_superuser(url, "DELETE FROM audit_log WHERE id <= 8")
    assert verified(url)[0] == 0  # the log alone cannot tell; what is kept outside can
    status, said = verified(url, "--anchors", str(anchors))
    assert (status, said.split(":")[0]) == (1, "early")


def test_anchors_of_another_installation_do_not_judge_this_log(
    installation: Installation, tmp_path: Path
) -> None:
    """A stack that once ran in the folder left its own anchors there."""
    url, folder = installation.settings.database_url, tmp_path / "data"
    fill(url, 3)
    append_anchor(folder / "anchors.jsonl", Tail(900, b"\x07" * 32), datetime.now(UTC))
    settings = {"MINWON_DATABASE_URL": url, "MINWON_AUDIT_ANCHOR": str(folder / "anchors.jsonl")}
    (folder / "run").mkdir()
    (folder / "run" / "environment.json").write_text(json.dumps(settings), encoding="utf-8")
    assert verified(url, "--data-dir", str(folder))[0] == 0
    own = CliRunner().invoke(cli, ["audit", "verify", "--data-dir", str(folder)])
    assert (own.exit_code, own.output.split(":")[0]) == (1, "cut")


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
