"""`minwon staff` and `minwon audit`: people's accounts, and the log of what they did."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from services.cli.surroundings import DATA, agency_id, environment, known_departments

ROLES = ["staff", "triage", "supervisor", "admin"]
DATABASE = click.option("--database-url", help="MINWON_DATABASE_URL, or that of --data-dir.")
FOLDER = click.option(
    "--data-dir", type=click.Path(path_type=Path), default=DATA, show_default="./data"
)


def by_hand() -> str:
    """Who gives a command, for the audit log: the number of the user on this machine."""
    return f"command:{os.getuid()}"


def connect(database_url: str | None, data_dir: Path) -> Any:
    import psycopg

    url = database_url or environment(data_dir).get("MINWON_DATABASE_URL")
    if not url:
        raise click.UsageError("name the database: --database-url or MINWON_DATABASE_URL")
    return psycopg.connect(url)


@click.group()
def staff() -> None:
    """Accounts of people."""


@staff.command("add")
@DATABASE
@FOLDER
@click.argument("username")
@click.option("--name", "display_name", required=True, help="What colleagues see.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--agency", help="Korean name; needed for staff.")
@click.option("--department", "departments", multiple=True, help="Only these units' cases.")
@click.option("--email", help="Also finds the account at the first sign-in by OIDC.")
@click.option("--manager", is_flag=True, help="Assigns work, hears of what is late.")
@click.option("--approver", is_flag=True, help="Approves replies that others submit.")
@click.option("--language", type=click.Choice(["ko", "en"]), default="ko", show_default=True)
@click.option("--password", "ask", is_flag=True, help="Ask for a local password.")
def add_account(
    database_url: str | None,
    data_dir: Path,
    username: str,
    agency: str | None,
    departments: tuple[str, ...],
    manager: bool,
    approver: bool,
    ask: bool,
    **given: str,
) -> None:
    """Make an account for OIDC, or with --password for signing in here."""
    from uuid_utils.compat import uuid7

    from services.access import audit, passwords
    from services.access import staff as people

    new = people.NewPerson(
        username=username,
        agency_id=agency_id(agency),
        departments=known_departments(agency, departments) if agency else None,
        is_manager=manager,
        may_approve=approver,
        **given,
    )
    hashed = passwords.hash(_asked()) if ask else None
    with connect(database_url, data_dir) as conn:
        one = people.add(conn, uuid7(), new, hashed)
        audit.record(conn, by_hand(), "add_account", account=str(one.id), role=one.role)


@staff.command("list")
@DATABASE
@FOLDER
def list_accounts(database_url: str | None, data_dir: Path) -> None:
    """Show all accounts."""
    from services.access.staff import list_people

    with connect(database_url, data_dir) as conn:
        for one in list_people(conn):
            units = ", ".join(one.departments or ["-"])
            seen = f"{one.last_sign_in_at:%Y-%m-%d}" if one.last_sign_in_at else "never"
            row = (f"{one.username:<28}", f"{one.role:<11}", "on  " if one.active else "off ")
            click.echo("".join([*row, f"{seen:<11}{one.agency_id or '-':<27}{units}"]))


@staff.command("disable")
@DATABASE
@FOLDER
@click.argument("username")
@click.option("--undo", is_flag=True, help="Let the person in again.")
def disable(database_url: str | None, data_dir: Path, username: str, undo: bool) -> None:
    """Switch an account off; who is signed in with it is signed out."""
    from services.access import audit
    from services.access import staff as people

    with connect(database_url, data_dir) as conn:
        one = _found(conn, username)
        people.set_active(conn, one.id, undo)
        action: audit.Action = "switch_account_on" if undo else "switch_account_off"
        audit.record(conn, by_hand(), action, account=str(one.id))


@staff.command("password")
@DATABASE
@FOLDER
@click.argument("username")
def password(database_url: str | None, data_dir: Path, username: str) -> None:
    """Ask for a new local password; who is signed in with the old one is signed out."""
    from services.access import audit, passwords
    from services.access import staff as people

    with connect(database_url, data_dir) as conn:
        one = _found(conn, username)
        people.set_password(conn, one.id, passwords.hash(_asked()))
        audit.record(conn, by_hand(), "set_password", account=str(one.id))


@click.group()
def audit() -> None:
    """The log of who read or did what."""


@audit.command("verify")
@DATABASE
@FOLDER
@click.option("--anchors", type=click.Path(path_type=Path), help="MINWON_AUDIT_ANCHOR.")
def verify(database_url: str | None, data_dir: Path, anchors: Path | None) -> None:
    """Name each edit, deletion, change of order and early cut in the log; status 1 if any.

    Anchors of --data-dir are those of its own database: they do not judge another one.
    """
    from services.access import chain

    settings = os.environ if database_url else environment(data_dir)
    known = settings.get("MINWON_AUDIT_ANCHOR")
    file = anchors or (Path(known) if known else None)
    with connect(database_url, data_dir) as conn:
        report = chain.verify(conn, file)
    for finding in report.findings:
        click.echo(str(finding))
    rows = f"{report.last} rows"
    if report.pruned:
        rows += f", the first {report.pruned} removed after two years"
    anchored = report.anchored
    outside = f"anchored outside up to row {anchored}" if anchored else "not anchored outside"
    click.echo(f"{rows}, {outside}, {len(report.findings) or 'no'} findings")
    sys.exit(1 if report.findings else 0)


def _found(conn: Any, username: str) -> Any:
    from services.access.staff import find_by_username
    from services.errors import NotFound

    try:
        return find_by_username(conn, username)
    except NotFound:
        raise click.ClickException("there is no such account") from None


def _asked() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
