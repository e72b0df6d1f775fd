"""The embedded Postgres starts anywhere, as anybody, and after any crash."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from services.stack.account import UNPRIVILEGED, account_for
from services.stack.errors import StackError
from services.stack.postgres import EmbeddedPostgres
from services.stack.processes import Child
from services.stack.sockets import LONGEST_SOCKET, socket_folder
from services.stack.supervisor import Supervisor
from tests.integration.stack.watch import until, until_dead

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
PASSWORD = "p@ss/w:rd %?"


@contextmanager
def running(
    folder: Path, *, durable: bool = False
) -> Iterator[tuple[EmbeddedPostgres, Supervisor]]:
    with socket_folder(folder) as sockets:
        server = EmbeddedPostgres(folder / "postgres", sockets / "postgres", PASSWORD, durable)
        server.prepare()
        supervisor = Supervisor(folder / "log", folder / "processes.json", print)
        supervisor.start(server.program())
        try:
            until(server.ready)
            yield server, supervisor
        finally:
            supervisor.stop()


def postmaster(server: EmbeddedPostgres) -> psutil.Process:
    return psutil.Process(int((server.folder / "postmaster.pid").read_text().split()[0]))


def test_what_it_is(folder: Path) -> None:
    with running(folder, durable=True) as (server, _):
        url = server.create_database("minwon")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE EXTENSION vector")
            row = connection.execute(
                "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding), upper('é'),"
                " current_setting('data_checksums'), current_setting('fsync'),"
                " current_setting('listen_addresses')"
                " FROM pg_database WHERE datname = 'minwon'"
            ).fetchone()
        assert row == ("b", "C.UTF-8", "UTF8", "É", "on", "on", "")
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(url, password="")
        assert postmaster(server).uids().effective != 0


def test_killed_it_comes_back_with_its_rows(folder: Path) -> None:
    with running(folder) as (server, supervisor):
        with psycopg.connect(server.url("postgres")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        # A stopped session outlives its server and holds the shared memory.
        session = psycopg.connect(server.url("postgres"))
        os.kill(session.info.backend_pid, signal.SIGSTOP)
        postmaster(server).kill()
        until_dead(supervisor, "postgres")
        until(server.ready)
        session.close()
        with psycopg.connect(server.url("postgres")) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_stale_pid_file_does_no_harm(folder: Path) -> None:
    """Not even if the number is now that of a living process of the very same user."""
    with running(folder) as (server, _):
        owner = server.folder.stat()
        other = subprocess.Popen(
            ["sleep", "60"], user=owner.st_uid, group=owner.st_gid, extra_groups=[]
        ) if os.geteuid() == 0 else subprocess.Popen(["sleep", "60"])  # fmt: skip
        left = (server.folder / "postmaster.pid").read_text().split("\n")
    try:
        stale = server.folder / "postmaster.pid"
        stale.write_text("\n".join([str(other.pid), *left[1:]]))
        os.chown(stale, owner.st_uid, owner.st_gid)
        with running(folder):
            assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_cluster_half_made_is_made_anew(folder: Path) -> None:
    half = folder / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with running(folder) as (server, _):
        assert server.ready()
    assert not half.exists()


def test_a_cluster_of_another_version_is_refused(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(StackError, match="Postgres 17"):
        EmbeddedPostgres(folder / "postgres", folder, PASSWORD).prepare()


def test_a_wrong_password_is_told_at_once(folder: Path) -> None:
    with running(folder) as (server, _):
        other = EmbeddedPostgres(server.folder, server.sockets, "another")
        with pytest.raises(StackError, match="password"):
            other.ready()


def test_a_folder_of_any_name(folder: Path) -> None:
    long = folder / "한국어 이름, 'quoted' %20" / ("x" * LONGEST_SOCKET)
    long.mkdir(parents=True)
    with running(long) as (server, _):
        assert server.ready()
        assert long not in server.sockets.parents
    assert not server.sockets.parent.exists()


@AS_ROOT
def test_root_serves_from_a_closed_folder(folder: Path) -> None:
    """Neither the modes nor the owners above the data change, and root stays behind."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with running(closed) as (server, _):
        process = postmaster(server)
        assert set(process.uids()) == {server.folder.stat().st_uid}
        status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        held = next(int(line.split()[1], 16) for line in status if line.startswith("CapEff"))
        assert held in (1 << 1, 1 << 2)  # CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH, alone
        assert "NoNewPrivs:\t1" in status
    assert (stat.S_IMODE(closed.stat().st_mode), closed.stat().st_uid) == (0o700, 0)


@AS_ROOT
def test_a_cluster_copied_by_root_is_given_back(folder: Path) -> None:
    with running(folder) as (server, _):
        owner = server.folder.stat().st_uid
    for path in (server.folder, *server.folder.rglob("*")):
        os.chown(path, 0, 0)
    with running(folder) as (server, _):
        assert server.folder.stat().st_uid == owner


@AS_ROOT
def test_the_owner_of_a_cluster_serves_it(folder: Path) -> None:
    os.chown(folder, 4711, 4712)
    account = account_for(folder)
    assert account is not None
    assert (account.uid, account.gid) == (4711, 4712)
    assert "root" not in UNPRIVILEGED


def test_stop_waits_for_the_checkpoint(folder: Path) -> None:
    with socket_folder(folder) as sockets:
        server = EmbeddedPostgres(folder / "postgres", sockets / "postgres", PASSWORD, False)
        server.prepare()
        child = Child(server.program(), folder / "postgres.log")
        until(server.ready)
        assert child.stop() == 0
    assert "database system is shut down" in (folder / "postgres.log").read_text()
