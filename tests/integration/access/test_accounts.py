"""Accounts that a new installation begins with, and those that an operator makes."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from services.access import passwords
from services.cli.first_accounts import first_accounts
from services.cli.main import cli
from tests.conftest import PACK, Installation

HASH = "SELECT password_hash FROM staff WHERE username = %s"


def rows(installation: Installation, statement: str, *parameters: object) -> list[Any]:
    with psycopg.connect(installation.settings.database_url) as conn:
        return conn.execute(statement.encode(), parameters).fetchall()


def minwon(installation: Installation, *arguments: str, typed: str | None = None) -> Result:
    url = installation.settings.database_url
    command = ["staff", arguments[0], "--database-url", url, *arguments[1:]]
    return CliRunner().invoke(cli, command, input=typed)


def test_the_first_accounts_are_written_down_and_work(installation: Installation) -> None:
    kept: list[Any] = []
    first_accounts(installation.settings.database_url, kept.append, city_pack=PACK)
    (made,) = kept
    names = {one["username"] for one in made}
    assert {"admin", "triage", "supervisor", "bukgu.handler", "bukgu.approver"} <= names
    assert len({one["password"] for one in made}) == len(made)
    for one in made[:2]:
        ((stored,),) = rows(installation, HASH, one["username"])
        assert passwords.matches(stored, one["password"])
    first_accounts(installation.settings.database_url, kept.append, city_pack=PACK)
    assert kept == [made]


def test_accounts_that_could_not_be_written_down_are_not_made(installation: Installation) -> None:
    def full(_: Any) -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        first_accounts(installation.settings.database_url, full, city_pack=PACK)
    assert rows(installation, "SELECT count(*) FROM staff") == [(0,)]


def test_an_operator_makes_changes_and_switches_off_accounts(installation: Installation) -> None:
    typed = "a long enough password\n" * 2
    made = minwon(
        installation, "add", "kim", "--name", "김주무관", "--role", "staff", "--agency", "북구청",
        "--department", "건설과", "--approver", "--password", typed=typed,
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    assert "long enough" not in made.output
    assert "kim" in minwon(installation, "list").output
    changed = minwon(installation, "password", "kim", typed="another long password\n" * 2)
    assert changed.exit_code == 0
    ((stored,),) = rows(installation, HASH, "kim")
    assert passwords.matches(stored, "another long password")
    assert not passwords.matches(stored, "a long enough password")
    assert minwon(installation, "disable", "kim").exit_code == 0
    assert rows(installation, "SELECT active FROM staff WHERE username = 'kim'") == [(False,)]
    assert minwon(installation, "disable", "--undo", "kim").exit_code == 0
    logged = rows(
        installation, "SELECT action FROM audit_log WHERE actor LIKE %s ORDER BY id", "command:%"
    )
    assert [row[0] for row in logged] == [
        "add_account",
        "set_password",
        "switch_account_off",
        "switch_account_on",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "kim", "--name", "x", "--role", "staff"),
        ("add", "Kim Lee", "--name", "x", "--role", "triage"),
        ("add", "kim", "--name", "x", "--role", "staff", "--agency", "없는구청"),
        ("disable", "nobody"),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    arguments: tuple[str, ...], installation: Installation
) -> None:
    assert minwon(installation, *arguments).exit_code != 0
    assert rows(installation, "SELECT count(*) FROM staff") == [(0,)]


def test_a_short_password_is_refused(installation: Installation) -> None:
    with pytest.raises(passwords.WeakPassword):
        passwords.hash("short")
    assert not passwords.matches(None, "anything at all")
    assert not passwords.matches("no hash", "anything at all")
