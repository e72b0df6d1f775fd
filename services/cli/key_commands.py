"""`minwon keys` and `minwon labels`: commands that speak to a running installation's database."""

from __future__ import annotations

from datetime import datetime

import click

from services.cli.surroundings import agency_id, database_url, moment

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
@click.option("--department", "departments", multiple=True)
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]))
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

    from services.access.keys import create

    if role == "staff" and agency is None:
        raise click.UsageError("a staff key needs --agency")
    with psycopg.connect(url) as conn:
        text = create(
            conn,
            role=role,
            client=client,
            agency_id=agency_id(agency),
            departments=list(departments) or None,
            expires_at=expires.astimezone() if expires else None,
        )
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
            click.echo(f"{key.id}  {key.role:<10} {key.agency_id or '-':<26} {key.client}  {state}")


@keys.command("revoke")
@DATABASE
@click.argument("key_id")
def revoke(url: str, key_id: str) -> None:
    """End a key; every API process refuses it within a second."""
    import psycopg

    from services.access.store import revoke_key

    with psycopg.connect(url) as conn:
        if not revoke_key(conn, key_id):
            raise click.ClickException("there is no such key in use")


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
