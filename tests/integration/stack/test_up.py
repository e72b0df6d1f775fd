"""`minwon up` from its start to its end, through kills, with small programs for the service's."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from services.settings import ROOT
from services.stack.datafolder import DataFolder, load_secrets
from services.stack.postgres import EmbeddedPostgres
from services.stack.readiness import api_answers, free_port
from services.stack.testing import embedded_servers
from tests.integration.stack.watch import alive, running_on, until


@dataclass(frozen=True, slots=True)
class Up:
    """A running `up`."""

    process: subprocess.Popen[str]
    folder: DataFolder
    ready: str

    @property
    def children(self) -> dict[str, int]:
        return {
            entry["name"]: entry["pid"] for entry in json.loads(self.folder.processes.read_text())
        }

    def answers(self) -> bool:
        parts = urlsplit(self.ready.removeprefix("ready ").strip())
        assert parts.hostname is not None
        assert parts.port is not None
        return api_answers(parts.hostname, parts.port)

    def query(self, statement: str) -> object:
        password = load_secrets(self.folder).postgres_password
        sockets = self.folder.run / "sockets" / "postgres"
        server = EmbeddedPostgres(self.folder.postgres, sockets, password)
        with psycopg.connect(server.url("minwon")) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchone() if cursor.description else None

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.integration.stack.stand_in", str(folder), *arguments]


def launch(
    folder: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(folder, *(arguments or ("0",))),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | (env or {}),
    )


@contextmanager
def started(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Iterator[Up]:
    """Run `up` until it is ready; kill it at the end if it still runs."""
    with launch(folder, *arguments, env=env) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            ready = process.stdout.readline()
            assert ready, process.stderr.read()
            yield Up(process, DataFolder(folder), ready)
        finally:
            if process.poll() is None:
                process.terminate()


def failure(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Return the one line with which `up` refuses to start."""
    with launch(folder, *arguments, env=env) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    lines = [line for line in err.splitlines() if line.startswith("minwon: ")]
    assert len(lines) == 1, err
    assert "Traceback" not in err
    return lines[0]


def test_a_life(folder: Path) -> None:
    """Start, serve, lose each child, stop, start again and find all as it was."""
    data = folder / "data"
    locale = {"LANG": "ko_KR.UTF-8", "LC_ALL": "ko_KR.UTF-8", "LANGUAGE": "ko"}
    with started(data, env=locale) as up:
        assert up.ready.startswith("ready http://127.0.0.1:")
        assert up.answers()
        up.query("CREATE TABLE kept AS SELECT 42")
        first = up.children
        assert list(first) == ["postgres", "redis", "worker", "relay", "beat", "api"]
        for number in first.values():
            os.kill(number, signal.SIGKILL)
        until(lambda: set(up.children.values()).isdisjoint(first.values()))
        until(up.answers)
        keys = up.folder.keys.read_text(encoding="utf-8")
        assert up.end() == 0
        assert up.process.stdout is not None
        assert up.process.stdout.read() == ""
        assert running_on(data) == []
    for private in (data / "keys.json", data / "secrets.json", data / "log" / "api.log"):
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
    with started(data) as up:
        assert up.query("TABLE kept") == (42,)
        assert up.folder.keys.read_text(encoding="utf-8") == keys
        assert up.end(signal.SIGINT) == 0


def test_killed_itself_it_starts_again(folder: Path) -> None:
    with started(folder / "data") as up:
        orphans = up.children
        os.kill(orphans["worker"], signal.SIGSTOP)  # deaf to every signal but SIGKILL
        os.kill(orphans["postgres"], signal.SIGKILL)
        assert up.end(signal.SIGKILL) == -signal.SIGKILL
    port = str(urlsplit(up.ready.split()[1]).port)
    with started(folder / "data", port) as up:
        assert not any(alive(number) for number in orphans.values())
        assert up.answers()


def test_two_side_by_side_and_one_alone_on_a_folder(folder: Path) -> None:
    with started(folder / "one") as one:
        assert "another minwon is running" in failure(folder / "one")
        taken = one.ready.rpartition(":")[2].strip()
        message = failure(folder / "two", taken)
        assert message == f"minwon: port {taken} is in use; choose another with --port"
        with started(folder / "two") as two:
            assert one.ready != two.ready
            assert one.answers()
            assert two.answers()
            assert two.end() == 0
        assert one.answers()


def test_servers_of_ones_own(folder: Path) -> None:
    with embedded_servers(folder / "servers") as servers:
        urls = (servers.create_database("minwon"), servers.redis_url(1))
        with started(folder / "data", "0", *urls) as up:
            assert list(up.children) == ["worker", "relay", "beat", "api"]
            assert up.end() == 0
        assert not (folder / "data" / "postgres").exists()
        wrong = urls[0].replace("/minwon?", "/none?")
        assert 'database "none" does not exist' in failure(folder / "data", "0", wrong, urls[1])
        nowhere = "redis+socket:///nowhere?virtual_host=0"
        assert "--redis-url" in failure(folder / "data", "0", urls[0], nowhere)


def test_stopped_while_it_starts(folder: Path) -> None:
    process = launch(folder / "data", env={"HANG": "worker"})
    with process:
        until((folder / "data" / "log" / "postgres.log").exists)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert running_on(folder) == []


def test_a_program_that_keeps_ending(folder: Path) -> None:
    message = failure(folder / "data", env={"BREAK": "beat"})
    assert message == f"minwon: beat does not start; see {folder}/data/log/beat.log"
    assert running_on(folder) == []


def test_data_of_a_newer_version(folder: Path) -> None:
    (folder / "FORMAT").write_text("2\n")
    assert failure(folder).endswith("has data format 2; this version of minwon knows 1")


def test_secrets_that_are_gone(folder: Path) -> None:
    (folder / "postgres").mkdir()
    assert "secrets.json is missing; restore it" in failure(folder)


def test_a_folder_that_is_a_file(folder: Path) -> None:
    (folder / "data").touch()
    assert "File exists" in failure(folder / "data")


def test_a_full_disk(folder: Path) -> None:
    mount = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o size="$1" none "$2" || exit 77']
    if subprocess.run(
        [*mount, "sh", "1m", str(folder)], check=False, capture_output=True
    ).returncode:
        pytest.skip("needs the right to mount")
    script = mount[-1] + '; dd if=/dev/zero of="$2/filler" bs=4k 2>/dev/null; shift 2; exec "$@"'
    for size in ("8m", "4k"):
        argv = [*mount[:-1], script, "sh", size, str(folder), *command(folder, "0")]
        result = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
        assert result.returncode == 1
        assert result.stderr.startswith("minwon: ")
        assert "disk is full" in result.stderr or "No space left" in result.stderr
        assert result.stderr.count("\n") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_an_ordinary_user(folder: Path) -> None:
    """Somebody without rights starts all of it, and owns all of it."""
    data = folder / "data"
    data.mkdir()
    os.chown(data, 65534, 65534)
    launcher = ROOT / "services" / "stack" / "launch.py"
    # The interpreter and the checkout may lie under a closed home: `:reach` passes that alone.
    identity = "65534:65534:reach"
    drop = [sys.executable, "-I", "-S", str(launcher), str(os.getpid()), "15", identity]
    python = [*drop, *command(data, "0")]
    with subprocess.Popen(python, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready ")
        recorded = json.loads((data / "run" / "processes.json").read_text())
        users = {psutil.Process(entry["pid"]).uids().effective for entry in recorded}
        assert users == {65534}
        process.terminate()
        assert process.wait(60) == 0
    assert {path.stat().st_uid for path in data.rglob("*")} == {65534}


def test_a_chosen_port_is_free() -> None:
    assert free_port("127.0.0.1", free_port("127.0.0.1", 0)) > 0
