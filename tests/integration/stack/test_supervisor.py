"""Children are restarted, and nothing of them is left: not by a stop, not by kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from services.stack.errors import StackError
from services.stack.orphans import MARK, end_orphans
from services.stack.processes import LOG_BYTES, Child, Program
from services.stack.sockets import socket_folder
from services.stack.supervisor import LONGEST_DELAY_S, Supervisor, delay_s
from tests.integration.stack.watch import alive, until, until_dead

FAMILY = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open(sys.argv[1] + ".new", "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(600)
"""
"""A parent deaf to SIGTERM and its child; their numbers go to the file given."""

KEEPER = """
import sys, time
from pathlib import Path
from services.stack.supervisor import Supervisor
from tests.integration.stack.test_supervisor import family
folder = Path(sys.argv[1])
supervisor = Supervisor(folder / "log", folder / "processes.json", print)
supervisor.start(family(folder))
time.sleep(600)
"""


def family(folder: Path, patience_s: float = 0.2) -> Program:
    argv = (sys.executable, "-c", FAMILY, str(folder / "numbers"))
    return Program("family", argv, {MARK: str(folder)}, folder, patience_s=patience_s)


def numbers(folder: Path) -> list[int]:
    """Return parent and child, once both run."""
    file = folder / "numbers"
    until(file.exists)
    return [int(number) for number in file.read_text().split()]


def supervised(folder: Path) -> Supervisor:
    return Supervisor(folder / "log", folder / "processes.json", print)


def test_a_stop_leaves_nothing(folder: Path) -> None:
    supervisor = supervised(folder)
    supervisor.start(family(folder))
    both = numbers(folder)
    supervisor.stop()
    assert not any(map(alive, both))
    assert not (folder / "processes.json").exists()


def test_what_dies_is_restarted_without_its_old_group(folder: Path) -> None:
    supervisor = supervised(folder)
    supervisor.start(family(folder))
    parent, child = numbers(folder)
    (folder / "numbers").unlink()
    os.kill(parent, signal.SIGKILL)
    until_dead(supervisor, "family")
    until(lambda: not alive(child))
    again = numbers(folder)
    assert alive(again[0])
    recorded = json.loads((folder / "processes.json").read_text())
    assert [entry["pid"] for entry in recorded] == [again[0]]
    supervisor.stop()


def test_a_second_signal_cuts_the_patience(folder: Path) -> None:
    child = Child(family(folder, patience_s=600), folder / "log" / "family.log")
    both = numbers(folder)
    assert child.stop(hurry=lambda: True) == -signal.SIGKILL
    until(lambda: not any(map(alive, both)))


def test_a_program_that_is_not_there_is_tried_less_and_less_often(folder: Path) -> None:
    news: list[str] = []
    supervisor = Supervisor(folder / "log", folder / "processes.json", news.append)
    supervisor.start(Program("none", (str(folder / "none"),), {}, folder))
    until(lambda: supervisor.tend() or supervisor.deaths("none") == 3)  # type: ignore[func-returns-value]
    supervisor.stop()
    assert [line.split("again in ")[1].split(";")[0] for line in news] == ["0 s", "0.5 s", "1 s"]
    assert "No such file" in (folder / "log" / "none.log").read_text()


def test_delays_grow_to_a_limit() -> None:
    delays = [delay_s(deaths) for deaths in range(1, 2000)]
    assert delays[:4] == [0.0, 0.5, 1.0, 2.0]
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_DELAY_S


def test_a_long_log_is_put_aside(folder: Path) -> None:
    log = folder / "log" / "family.log"
    log.parent.mkdir()
    log.write_bytes(b"x" * (LOG_BYTES + 1))
    child = Child(family(folder), log)
    numbers(folder)
    child.stop()
    assert log.stat().st_size == 0
    assert log.with_name("family.log.1").stat().st_size == LOG_BYTES + 1


@pytest.mark.parametrize("leader_dies", [False, True])
def test_orphans_of_a_killed_supervisor_are_ended(folder: Path, leader_dies: bool) -> None:
    with subprocess.Popen([sys.executable, "-c", KEEPER, str(folder)]) as keeper:
        both = numbers(folder)
        keeper.kill()
    if leader_dies:
        os.kill(both[0], signal.SIGKILL)
        until(lambda: not alive(both[0]))
    assert alive(both[1])
    assert end_orphans(folder / "processes.json", str(folder), patience_s=0.3) == ["family"]
    assert not any(map(alive, both))
    assert end_orphans(folder / "processes.json", str(folder)) == []


@pytest.mark.parametrize("shift", [-3600.0, 3600.0])
def test_a_number_that_went_to_others_is_left_alone(folder: Path, shift: float) -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as innocent:
        started = psutil.Process(innocent.pid).create_time() + shift
        entry = {"name": "worker", "pid": innocent.pid, "pgid": innocent.pid}
        entry |= {"create_time": started, "stop_signal": 15}
        (folder / "processes.json").write_text(json.dumps([entry]))
        assert end_orphans(folder / "processes.json", str(folder)) == []
        assert innocent.poll() is None
        innocent.kill()


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"pid": 1}]'])
def test_a_spoilt_record_does_no_harm(folder: Path, content: str) -> None:
    (folder / "processes.json").write_text(content)
    assert end_orphans(folder / "processes.json", str(folder)) == []


def test_a_socket_folder_of_somebody_elses_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "sockets").symlink_to(tmp_path)
    with pytest.raises(StackError), socket_folder(folder):
        pass
    assert tmp_path.exists()
