"""The command `minwon`. Each command imports what it needs when it runs, so that all start fast."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click
import psycopg

from models.errors import ModelError
from services.cli import access_commands, city_commands, key_commands, model_commands
from services.cli.surroundings import DATA, city_pack, environment, pack_folder
from services.errors import TriageError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="minwon")
def cli() -> None:
    """Minwon: civil complaints from every channel to the agency in charge."""


@cli.command()
@click.option("--port", default=8080, show_default=True, help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--data-dir", type=click.Path(path_type=Path), default=DATA, show_default="./data")
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
    from services.cli.first_accounts import first_accounts
    from services.cli.setup import prepare
    from services.stack.options import Options
    from services.stack.up import up as run

    options = Options(data_dir, os.environ, host, port, workers, database_url, redis_url)
    shown = partial(run_demo, city_pack=pack_folder()) if demo else None
    accounts = partial(first_accounts, city_pack=pack_folder())
    sys.exit(run(options, prepare, shown, accounts=accounts))


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
        keys = prepare(database_url, pack_folder(), known)
        write_private(keys_file, json.dumps(keys, ensure_ascii=False, indent=2) + "\n")
    else:
        _load_pack(database_url)
    click.echo("city pack loaded")


def _load_pack(database_url: str) -> None:
    import psycopg

    from services.cli.setup import load_knowledge, load_pack

    with psycopg.connect(database_url) as conn:
        load_pack(conn, city_pack())
        load_knowledge(conn, pack_folder())


@cli.command()
@click.option("--data-dir", type=click.Path(path_type=Path), default=DATA, show_default="./data")
def doctor(data_dir: Path) -> None:
    """Check settings, database, Redis, city pack, model and processes of an installation.

    Settings come from the environment, or from the stack that `minwon up` runs on --data-dir.
    """
    from services.cli.doctor import examine

    sound = True
    for name, problem in examine(environment(data_dir)):
        click.echo(f"{name:<12} {problem or 'ok'}")
        sound = sound and problem is None
    sys.exit(0 if sound else 1)


@cli.command("call")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True)
@click.option("--key", envvar="MINWON_KEY", help="A channel key; by default that of ./data.")
def call(url: str, key: str | None) -> None:
    """Hold a call from the terminal, as an ARS would: type what you say.

    #4 is a key, @node a tap on the screen, !busy !no_answer !answered a connection's result, an
    empty line silence; Ctrl-D hangs up.
    """
    from services.cli.call import converse

    if key is None:
        key = json.loads((DATA / "keys.json").read_text(encoding="utf-8"))["channel"]
    converse(url, key)


for command in (
    *(model_commands.triage, model_commands.embed, model_commands.train),
    *(model_commands.answer, model_commands.evaluate, model_commands.bench),
    model_commands.thresholds,
    *(city_commands.city, city_commands.clock),
    *(key_commands.keys, key_commands.labels),
    *(access_commands.staff, access_commands.audit),
):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> Any:
    """Run a command; an error of ours is one line on stderr and status 1."""
    try:
        return cli.main(arguments, standalone_mode=True)
    except (TriageError, ModelError) as error:
        click.echo(f"minwon: {error}", err=True)
        sys.exit(1)
    except psycopg.Error as error:
        reason = str(error).splitlines()[:1] or [type(error).__name__]
        click.echo(f"minwon: the database failed: {reason[0]}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
