"""What a figure was measured on."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Machine:
    """`load` is the number of runnable processes, over a minute, when the run began."""

    cores: int
    load: float
    python: str
    versions: dict[str, str]

    def __str__(self) -> str:
        packages = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        return f"{self.cores} cores, load {self.load}, Python {self.python}, {packages}"


def this_machine(*packages: str) -> Machine:
    """The cores this process may use, and the versions of `packages` installed."""
    return Machine(
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else _cores(),
        load=round(os.getloadavg()[0], 2),
        python=platform.python_version(),
        versions={name: version(name) for name in packages},
    )


def filesystem(folder: Path) -> str:
    """The kind of file system under `folder`: on a tmpfs, fsync costs nothing."""
    mounts = [
        part
        for part in psutil.disk_partitions(all=True)
        if folder.resolve().is_relative_to(part.mountpoint)
    ]
    return max(mounts, key=lambda part: len(part.mountpoint)).fstype if mounts else "unknown"


def _cores() -> int:
    return os.cpu_count() or 1
