"""`minwon city` and `minwon clock`: commands that read the city pack alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from services.cli.surroundings import city_pack, moment, pack_folder


@click.group()
def clock() -> None:
    """The statutory clock."""


@clock.command("due")
@click.option("--kind", required=True, help="other, query, legal_query, suggestion or grievance.")
@click.option("--received", required=True, help="RFC 3339, with zone.")
@click.option("--pause", "pauses", multiple=True, metavar="FROM/TO")
@click.option("--json", "as_json", is_flag=True)
def clock_due(kind: str, received: str, pauses: tuple[str, ...], as_json: bool) -> None:
    """When the answer to a petition is due, and how each day until then was counted."""
    from services.cases.account import day_by_day, in_words, minutes
    from services.cases.clock import due_at
    from services.cases.deadline import calendar, period

    spans = [tuple(moment(part) for part in pause.split("/")) for pause in pauses]
    if any(len(span) != 2 or span[0] >= span[1] for span in spans):
        raise click.UsageError("--pause takes FROM/TO, FROM before TO")
    closed = [(span[0], span[1]) for span in spans]
    pack = city_pack()
    days, length = calendar(pack), period(pack, kind)
    due = due_at(days, length, moment(received), closed)
    account = day_by_day(days, length, moment(received), closed)
    if as_json:
        petition = pack.petitions.kinds[kind]
        answer = {
            "due_at": due.isoformat(),
            "kind": kind,
            "kind_name": petition.name,
            "law": petition.law,
            "days": [day.as_json() for day in account],
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo(due.isoformat())
    for day in account:
        told = day.as_json()
        counted = in_words(day.counted) if minutes(day.counted) else ""
        number = f"{day.number}일째" if day.number else ""
        click.echo(
            f"{told['date']} {told['weekday']}  {told['kind_name']} {counted}{number}".rstrip()
        )


@click.group()
def city() -> None:
    """City packs."""


@city.command("check")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def city_check(folder: Path) -> None:
    """Check a city pack against its schemas and itself."""
    from services.city import check

    problems = check(folder)
    for problem in problems:
        click.echo(problem)
    if problems:
        sys.exit(1)
    click.echo("the city pack is sound")


@city.command("import-boundaries")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--pack",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the city pack; MINWON_CITY_PACK or the shipped one.",
)
def city_import_boundaries(file: Path, folder: Path | None) -> None:
    """Take a GeoJSON of administrative dongs into the pack, so that coordinates tell exactly."""
    from services.city import load
    from services.city.boundary_import import import_boundaries

    folder = folder or pack_folder()
    done = import_boundaries(file, load(folder), folder)
    click.echo(f"{done.areas} boundaries of {done.districts} districts written to {done.path}")
    for name in done.unbounded:
        click.echo(f"{name} has no boundary of its own: points there name the district alone")
    for name in done.unknown:
        click.echo(f"{name} is not in the pack")
