"""The command `minwon`. Each command imports what it needs when it runs, so that all start fast."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from models.errors import ModelError
from services.errors import TriageError
from services.settings import ROOT

if TYPE_CHECKING:
    from services.city import CityPack

DEFAULT_DATA = ROOT / "data"
PACK = ROOT / "city" / "gwangju"
ARTIFACT = ROOT / "models" / "artifact"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="minwon")
def cli() -> None:
    """Minwon: civil complaints from every channel to the agency in charge."""


@cli.command()
@click.option("--port", default=8080, show_default=True, help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--data-dir", type=click.Path(path_type=Path), default=DEFAULT_DATA, show_default="./data"
)
@click.option("--database-url", help="Use this Postgres instead of the embedded one.")
@click.option("--redis-url", help="Use this Redis instead of the embedded one.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--demo", is_flag=True, help="Post demo complaints and show where each goes.")
def up(
    port: int,
    host: str,
    data_dir: Path,
    database_url: str | None,
    redis_url: str | None,
    workers: int,
    demo: bool,
) -> None:
    """Run the whole stack: Postgres, Redis, API, workers, relay and beat."""
    from services.cli.demo import run_demo
    from services.cli.setup import prepare
    from services.stack.up import Options
    from services.stack.up import up as run

    options = Options(data_dir, os.environ, host, port, workers, database_url, redis_url)
    pack = Path(os.environ.get("MINWON_CITY_PACK") or PACK)
    sys.exit(run(options, prepare, partial(run_demo, city_pack=pack) if demo else None))


@cli.command()
@click.option("--database-url", envvar="MINWON_DATABASE_URL", required=True)
@click.option("--keys-file", type=click.Path(path_type=Path), help="Also make keys, as `up` does.")
def migrate(database_url: str, keys_file: Path | None) -> None:
    """Bring a database to the newest schema and load the city pack into it."""
    from services.cli.setup import prepare
    from services.migrate import migrate as run
    from services.stack.datafolder import write_private

    click.echo(f"{run(database_url)} migrations applied")
    if keys_file is not None:
        known = json.loads(keys_file.read_text()) if keys_file.exists() else None
        keys = prepare(database_url, _pack_folder(), known)
        write_private(keys_file, json.dumps(keys, ensure_ascii=False, indent=2) + "\n")
    else:
        prepare_pack(database_url)
    click.echo("city pack loaded")


def prepare_pack(database_url: str) -> None:
    import psycopg

    from services.cli.setup import load_pack

    with psycopg.connect(database_url) as conn:
        load_pack(conn, _pack())


@cli.command()
@click.argument("source", type=click.File("r", encoding="utf-8"), default="-")
@click.argument("target", type=click.File("w", encoding="utf-8"), default="-")
def triage(source: IO[str], target: IO[str]) -> None:
    """Triage JSON lines {text, channel?, occurred_at?}, offline, with the service's own engine."""
    from services.cli.offline import triage_lines

    for line in triage_lines(source, _pack(), *_model()):
        target.write(line + "\n")


@cli.command()
@click.argument("source", type=click.File("r", encoding="utf-8"), default="-")
@click.argument("target", type=click.File("wb"), default="-")
def embed(source: IO[str], target: IO[bytes]) -> None:
    """Embed lines of text: a float32 .npy with one row for each line."""
    from services.cli.offline import embed_lines

    embed_lines(source, target, *_model())


@cli.command()
@click.option("--corpora", type=click.Path(path_type=Path), help="Folder of language data.")
@click.option("--data", type=click.Path(path_type=Path), default=ROOT / "models" / "data")
@click.option("--artifact", type=click.Path(path_type=Path), default=ARTIFACT)
@click.option("--embedder", default="", help="A sentence-transformers model to use instead.")
def train(corpora: Path | None, data: Path, artifact: Path, embedder: str) -> None:
    """Train the model; without --corpora the shipped embedder stays and the classifier is new."""
    from models.training import train as run

    run(data, corpora, artifact, embedder, partial(click.echo, err=True))


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def evaluate(file: Path, as_json: bool) -> None:
    """Measure triage on labelled JSON lines {text, service, kind, urgency, district, channel}."""
    from services.cli import evaluation

    report = evaluation.evaluate_file(file, _pack(), *_model())
    if as_json:
        click.echo(json.dumps(evaluation.as_json(report), ensure_ascii=False))
    else:
        click.echo(evaluation.as_table(report))


@cli.group()
def bench() -> None:
    """Measure this machine, beside peers in the same run."""


@bench.command("triage")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True)
def bench_triage(rounds: int, as_json: bool) -> None:
    """Texts per second of triage and of the embedder, and the latency of one text."""
    from services.cli.bench import triage as measured

    report = measured.measure(_pack(), *_model(), measured.Plan(rounds))
    click.echo(_json(report) if as_json else measured.as_table(report))


@bench.command("intake")
@click.option("--connections", default="16,64", show_default=True, help="Each 1 to 64.")
@click.option("--seconds", default=5.0, show_default=True, type=click.FloatRange(0.1))
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True)
def bench_intake(connections: str, seconds: float, rounds: int, as_json: bool) -> None:
    """Complaints filed per second over HTTP, on a Postgres of its own, beside bare INSERTs."""
    from services.cli.bench import intake as measured

    plan = measured.Plan(_counts(connections, measured.MAX_CONNECTIONS), seconds, rounds)
    report = measured.measure(_pack_folder(), plan)
    click.echo(_json(report) if as_json else measured.as_table(report))


@cli.group()
def keys() -> None:
    """API keys."""


@keys.command("create")
@click.option("--database-url", envvar="MINWON_DATABASE_URL", required=True)
@click.option(
    "--role",
    required=True,
    type=click.Choice(["channel", "staff", "triage", "supervisor", "admin"]),
)
@click.option("--client", required=True, help="Who will use it; replays are told apart by this.")
@click.option("--agency", help="Korean name; needed for staff.")
@click.option("--department", "departments", multiple=True)
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]))
def keys_create(
    database_url: str,
    role: str,
    client: str,
    agency: str | None,
    departments: tuple[str, ...],
    expires: datetime | None,
) -> None:
    """Make a key and print it; it cannot be shown again."""
    import psycopg

    from services.access.keys import create

    agency_id = _agency_id(agency)
    if role == "staff" and agency_id is None:
        raise click.UsageError("a staff key needs --agency")
    with psycopg.connect(database_url) as conn:
        text = create(
            conn,
            role=role,
            client=client,
            agency_id=agency_id,
            departments=list(departments) or None,
            expires_at=expires.astimezone() if expires else None,
        )
    click.echo(text)


@keys.command("list")
@click.option("--database-url", envvar="MINWON_DATABASE_URL", required=True)
def keys_list(database_url: str) -> None:
    """Show all keys, without their secrets."""
    import psycopg

    from services.access.store import list_keys

    with psycopg.connect(database_url) as conn:
        for key in list_keys(conn):
            state = "revoked" if key.revoked_at else "valid"
            click.echo(f"{key.id}  {key.role:<10} {key.agency_id or '-':<24} {key.client}  {state}")


@keys.command("revoke")
@click.option("--database-url", envvar="MINWON_DATABASE_URL", required=True)
@click.argument("key_id")
def keys_revoke(database_url: str, key_id: str) -> None:
    """End a key; every API process refuses it within a second."""
    import psycopg

    from services.access.store import revoke_key

    with psycopg.connect(database_url) as conn:
        if not revoke_key(conn, key_id):
            raise click.ClickException("there is no such key in use")


@cli.group()
def clock() -> None:
    """The statutory clock."""


@clock.command("due")
@click.option("--kind", required=True, help="other, query, legal_query, suggestion or grievance.")
@click.option("--received", required=True, help="RFC 3339, with zone.")
@click.option("--pause", "pauses", multiple=True, metavar="FROM/TO")
@click.option("--json", "as_json", is_flag=True)
def clock_due(kind: str, received: str, pauses: tuple[str, ...], as_json: bool) -> None:
    """When the answer to a petition is due."""
    from services.cases.deadline import statutory_clock

    spans = [tuple(_time(part) for part in pause.split("/")) for pause in pauses]
    if any(len(span) != 2 or span[0] >= span[1] for span in spans):
        raise click.UsageError("--pause takes FROM/TO, FROM before TO")
    due = statutory_clock(_pack())(kind, _time(received), [(s[0], s[1]) for s in spans])
    click.echo(json.dumps({"due_at": due.isoformat()}) if as_json else due.isoformat())


@cli.group()
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

    folder = folder or _pack_folder()
    done = import_boundaries(file, load(folder), folder)
    click.echo(f"{done.areas} boundaries of {done.districts} districts written to {done.path}")
    for name in done.unbounded:
        click.echo(f"{name} has no boundary of its own: points there name the district alone")
    for name in done.unknown:
        click.echo(f"{name} is not in the pack")


@cli.command()
def doctor() -> None:
    """Check settings, database, Redis, city pack and model of this installation."""
    from services.cli.doctor import examine

    sound = True
    for name, problem in examine(os.environ):
        click.echo(f"{name:<12} {problem or 'ok'}")
        sound = sound and problem is None
    sys.exit(0 if sound else 1)


def _pack_folder() -> Path:
    return Path(os.environ.get("MINWON_CITY_PACK") or PACK)


def _pack() -> CityPack:
    from services.city import load

    return load(_pack_folder())


def _model() -> tuple[Path, str]:
    folder = Path(os.environ.get("MINWON_MODEL") or ARTIFACT)
    return folder, os.environ.get("MINWON_EMBEDDER", "")


def _agency_id(name: str | None) -> str | None:
    if name is None:
        return None
    agency = _pack().agency_named(name)
    if agency is None:
        raise click.BadParameter("there is no such agency in the city pack")
    return agency.id


def _counts(text: str, most: int) -> tuple[int, ...]:
    parts = text.split(",")
    if not all(part.isdecimal() and 1 <= int(part) <= most for part in parts):
        raise click.UsageError(f"--connections takes numbers from 1 to {most}, as in 16,64")
    return tuple(dict.fromkeys(map(int, parts)))


def _json(report: Any) -> str:
    return json.dumps(asdict(report), ensure_ascii=False)


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError("a time is written as in RFC 3339") from None
    if time.tzinfo is None:
        raise click.UsageError("a time needs its zone, as in 2026-02-13T16:30+09:00")
    return time


def main(arguments: list[str] | None = None) -> Any:
    """Run a command; an error of ours is one line on stderr and status 1."""
    try:
        return cli.main(arguments, standalone_mode=True)
    except (TriageError, ModelError) as error:
        click.echo(f"minwon: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
