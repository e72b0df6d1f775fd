"""The record of running children, and the end of those a killed supervisor left behind."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from services.stack.datafolder import write_private
from services.stack.processes import Child, await_end

MARK = "MINWON_STACK"
"""Environment variable of every child: the data folder it serves."""

CLOCK_S = 2.0
"""A start time is counted from the boot time, which the kernel moves when the clock is set."""

PATIENCE_S = 3.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One child: leader of process group `pgid`; `create_time` is psutil's, Unix seconds."""

    name: str
    pid: int
    pgid: int
    create_time: float
    stop_signal: int


def record(path: Path, children: Iterable[Child]) -> None:
    """Write the running children to `path`."""
    entries = []
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            started = psutil.Process(child.pid).create_time()
            stop_signal = int(child.program.stop_signal)
            entries.append(Entry(child.program.name, child.pid, child.pid, started, stop_signal))
    write_private(path, json.dumps([asdict(entry) for entry in entries], indent=2) + "\n")


def end_orphans(path: Path, mark: str, patience_s: float = PATIENCE_S) -> list[str]:
    """End all that is left of the children recorded in `path`; return their names.

    A number may be another process's by now: a leader must have the recorded start time, and a
    member of a leaderless group must carry `mark`.
    """
    left = [(entry, members) for entry in _read(path) if (members := _members(entry, mark))]
    for entry, members in left:
        leader = [member for member in members if member.pid == entry.pid]
        for process in leader or members:
            with contextlib.suppress(psutil.Error):
                process.send_signal(entry.stop_signal)
    await_end([process for _, members in left for process in members], patience_s)
    for entry, members in left:
        _kill({*members, *_members(entry, mark)})
    path.unlink(missing_ok=True)
    return [entry.name for entry, _ in left]


def _kill(processes: set[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()  # psutil compares the start time once more
    await_end(processes, PATIENCE_S)


def _members(entry: Entry, mark: str) -> list[psutil.Process]:
    """Return the living processes of the group, none when its number has gone to others."""
    try:
        leader = psutil.Process(entry.pid)
        if abs(leader.create_time() - entry.create_time) > CLOCK_S:
            return []
        led = True
    except psutil.NoSuchProcess:
        led = False
    return [
        process
        for process in psutil.process_iter()
        if _group(process) == entry.pgid and _alive(process) and (led or _marked(process, mark))
    ]


def _group(process: psutil.Process) -> int | None:
    with contextlib.suppress(OSError):
        return os.getpgid(process.pid)
    return None


def _alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


def _marked(process: psutil.Process, mark: str) -> bool:
    with contextlib.suppress(psutil.Error, OSError):
        return process.environ().get(MARK) == mark
    return False


def _read(path: Path) -> list[Entry]:
    """A record that cannot be read is none: it is rewritten at each start of a child."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        found: list[dict[str, Any]] = json.loads(path.read_text())
        return [Entry(**entry) for entry in found]
    return []
