"""The audit log's tail, kept in a file outside the database: what was the last row, and when."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tail:
    """The number and hash of what was the last row; for an anchor also at what time."""

    id: int
    hash: bytes
    at: datetime | None = None


def append_anchor(path: Path, tail: Tail, at: datetime) -> bool:
    """Add the tail to the file, unless it is there; true if it was added."""
    anchors, _ = read_anchors(path)
    if tail.id <= max((anchor.id for anchor in anchors), default=0):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"at": at.isoformat(), "id": tail.id, "hash": tail.hash.hex()}) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return True


def read_anchors(path: Path) -> tuple[list[Tail], list[int]]:
    """The tails in the file, and the numbers of its lines that are none.

    A file that is not there has none.
    """
    anchors: list[Tail] = []
    unreadable: list[int] = []
    if not path.exists():
        return anchors, unreadable
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        try:
            content = json.loads(line)
            at = datetime.fromisoformat(content["at"])
            if at.tzinfo is None:
                raise ValueError
            anchors.append(Tail(int(content["id"]), bytes.fromhex(content["hash"]), at))
        except (ValueError, KeyError, TypeError):
            unreadable.append(number)
    return anchors, unreadable
