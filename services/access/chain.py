"""Checks the audit log against its own chain, its head, and the tail kept outside the database."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from psycopg.rows import class_row

from services.access.store import QUERIES
from services.database import Connection

GENESIS = bytes(32)
Kind = Literal["edited", "deleted", "reordered", "broken", "cut", "replaced", "unreadable"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the log; `content` is what its hash covers besides `previous`."""

    id: int
    previous: bytes
    hash: bytes
    content: str

    @property
    def is_whole(self) -> bool:
        return link(self.previous, self.content) == self.hash


@dataclass(frozen=True, slots=True)
class Tail:
    """The number and hash of what was the last row at some time."""

    id: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """What was done to the log, and where."""

    kind: Kind
    sentence: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.sentence}"


def link(previous: bytes, content: str) -> bytes:
    return hashlib.sha256(previous + content.encode()).digest()


def examine(rows: Iterable[Row], head: Tail, anchors: Sequence[Tail] = ()) -> list[Finding]:
    """What does not fit, in the order of the rows; `rows` are sorted by id, counted from 1."""
    wanted = {anchor.id for anchor in anchors}
    seen = [(row.id, row.previous, row.hash, row.is_whole) for row in rows]
    hashes = {id: hash for id, _, hash, _ in seen if id in wanted or id == head.id}
    found = list(_along(seen))
    last = seen[-1][0] if seen else 0
    furthest = max([head, *anchors], key=lambda tail: tail.id)
    if furthest.id > last:
        found.append(Finding("cut", f"rows {last + 1} to {furthest.id} at the end are gone"))
    found.extend(
        Finding("replaced", f"row {tail.id} is not the one that was written")
        for tail in sorted({head, *anchors}, key=lambda tail: tail.id)
        if 0 < tail.id <= last and hashes.get(tail.id) not in (None, tail.hash)
    )
    if head.id < last:
        found.append(Finding("broken", f"rows {head.id + 1} to {last} came past the chain"))
    return found


def _along(rows: list[tuple[int, bytes, bytes, bool]]) -> Iterator[Finding]:
    known = {hash for _, _, hash, _ in rows} | {GENESIS}
    number, before = 1, GENESIS
    for id, previous, hash, is_whole in rows:
        if id != number:
            yield Finding("deleted", f"rows {number} to {id - 1} are missing")
        if not is_whole:
            yield Finding("edited", f"row {id} does not have its hash")
        elif id == number and previous != before:
            if previous in known:
                yield Finding("reordered", f"row {id} does not stand where it was written")
            else:
                sentence = f"row {id} does not follow row {id - 1}, edited or others deleted"
                yield Finding("broken", sentence)
        number, before = id + 1, hash


def read_rows(conn: Connection) -> Iterator[Row]:
    """All rows by number, a thousand at a time."""
    with conn.cursor("audit", row_factory=class_row(Row)) as cursor:
        cursor.itersize = 1000
        yield from cursor.execute(QUERIES["list_audit"])


def find_head(conn: Connection) -> Tail:
    row = conn.execute(QUERIES["find_audit_head"]).fetchone()
    return Tail(row[0], bytes(row[1])) if row else Tail(0, GENESIS)


def verify(conn: Connection, anchors_file: Path | None) -> tuple[int, int, list[Finding]]:
    """Rows in the log, up to which number they are anchored outside, and what does not fit."""
    anchors, unreadable = read_anchors(anchors_file) if anchors_file else ([], [])
    head = find_head(conn)
    found = examine(read_rows(conn), head, anchors)
    return head.id, max((anchor.id for anchor in anchors), default=0), [*unreadable, *found]


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


def read_anchors(path: Path) -> tuple[list[Tail], list[Finding]]:
    """The tails in the file, and its lines that are none; a file that is not there has none."""
    anchors: list[Tail] = []
    found: list[Finding] = []
    if not path.exists():
        return anchors, found
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines()):
        try:
            content = json.loads(line)
            anchors.append(Tail(int(content["id"]), bytes.fromhex(content["hash"])))
        except (ValueError, KeyError, TypeError):
            found.append(Finding("unreadable", f"line {number + 1} of the anchors is none"))
    return anchors, found
