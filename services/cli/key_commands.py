"""`minwon keys` and `minwon labels`: commands that speak to a running installation's database."""

from __future__ import annotations

from datetime import datetime

import click

from services.cli.access_commands import by_hand
from services.cli.surroundings import agency_id, database_url, known_departments, moment

DATABASE = click.option(
    "--database-url",
    "url",
    callback=lambda _context, _option, given: database_url(given),
    help="MINWON_DATABASE_URL, or else the stack that runs on ./data.",
)
ROLES = ["channel", "staff", "triage", "supervisor", "admin"]
BEGINNING = "2000-01-01T00:00:00+00:00"


@click.group()
def keys() -> None:
    """API keys."""


@keys.command("create")
@DATABASE
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--client", required=True, help="Who will use it; replays are told apart by this.")
@click.option("--agency", help="Korean name; needed for staff.")
@click.option("--department", "departments", multiple=True, help="Only these units' cases.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="Last to be used before it.")
def create_key(
    url: str,
    role: str,
    client: str,
    agency: str | None,
    departments: tuple[str, ...],
    expires: datetime | None,
) -> None:
    """Make a key and print it; it cannot be shown again."""
    import psycopg

    from services.access import audit
    from services.access.keys import create

    if role == "staff" and agency is None:
        raise click.UsageError("a staff key needs --agency")
    if agency is not None and role not in ("staff", "supervisor"):
        raise click.UsageError(f"a {role} key is for no single agency")
    if expires is not None and expires < datetime.now():
        raise click.UsageError("--expires lies in the past")
    with psycopg.connect(url) as conn:
        text = create(
            conn,
            role=role,
            client=client,
            agency_id=agency_id(agency),
            departments=known_departments(agency, departments),
            expires_at=expires.astimezone() if expires else None,
        )
        audit.record(conn, by_hand(), "create_key", key=text.split("_")[1], role=role)
    click.echo(text)


@keys.command("list")
@DATABASE
def list_all(url: str) -> None:
    """Show all keys, without their secrets."""
    import psycopg

    from services.access.store import list_keys

    with psycopg.connect(url) as conn:
        for key in list_keys(conn):
            state = "revoked" if key.revoked_at else "valid"
            until = f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "-"
            units = ", ".join(key.departments or ["-"])
            row = (f"{key.id:<10}", f"{key.role:<11}", f"{state:<8}", f"{until:<11}")
            click.echo("".join([*row, f"{key.agency_id or '-':<27}{key.client}  {units}"]))


@keys.command("revoke")
@DATABASE
@click.argument("key_id")
def revoke(url: str, key_id: str) -> None:
    """End a key; every API process refuses it within a second."""
    import psycopg

    from services.access import audit
    from services.access.store import revoke_key

    with psycopg.connect(url) as conn:
        if not revoke_key(conn, key_id):
            raise click.ClickException("there is no such key in use")
        audit.record(conn, by_hand(), "revoke_key", key=key_id)


@click.command()
@DATABASE
@click.option("--since", default=BEGINNING, help="RFC 3339, with zone.", show_default=True)
def labels(url: str, since: str) -> None:
    """Print what staff corrected or answered, as lines to train and evaluate with."""
    import psycopg

    from services.cli.labels import label_lines

    with psycopg.connect(url) as conn:
        for line in label_lines(conn, moment(since)):
            click.echo(line)
