"""Checks the audit log against its own chain, its head, and the tail kept outside the database.

After two years rows are removed from the beginning (migrations/0019_audit_prune.sql); a row with
the number and hash of the last one removed stands for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from psycopg.rows import class_row

from services.access.anchors import Tail, read_anchors
from services.access.pruning import Cut, read_cut, too_early
from services.access.store import QUERIES
from services.database import Connection

GENESIS: Final = bytes(32)
START: Final = Tail(0, GENESIS)
Kind = Literal["edited", "deleted", "reordered", "broken", "cut", "replaced", "early", "unreadable"]


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
class Finding:
    """What was done to the log, and where."""

    kind: Kind
    sentence: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.sentence}"


def link(previous: bytes, content: str) -> bytes:
    return hashlib.sha256(previous + content.encode()).digest()


@dataclass(frozen=True, slots=True)
class Report:
    """How far the log reaches, up to where it was shortened and anchored, and what does not fit."""

    last: int
    pruned: int
    anchored: int
    findings: list[Finding]


def examine(
    rows: Iterable[Row], head: Tail, anchors: Sequence[Tail] = (), now: datetime | None = None
) -> tuple[Tail, list[Finding]]:
    """Where the log begins now, and what does not fit, in the order of the rows.

    `rows` are sorted by id, counted from 1, or from where they were shortened.
    """
    wanted = {anchor.id for anchor in anchors} | {head.id}
    seen: list[_Seen] = []
    cuts: list[Cut] = []
    for row in rows:
        seen.append((row.id, row.previous, row.hash, row.is_whole))
        cut = read_cut(row.id, row.content)
        if cut is not None:
            cuts.append(cut)
    floor = max((cut.last for cut in cuts), key=lambda tail: tail.id, default=START)
    hashes = {id: hash for id, _, hash, _ in seen if id in wanted} | {floor.id: floor.hash}
    last = seen[-1][0] if seen else 0
    found = [*_shortened(cuts, anchors, now or datetime.now(UTC)), *_along(seen, floor)]
    found += _against(hashes, head, anchors, last)
    return floor, found


_Seen = tuple[int, bytes, bytes, bool]


def _shortened(cuts: list[Cut], anchors: Sequence[Tail], now: datetime) -> Iterator[Finding]:
    for cut in cuts:
        if too_early(cut, anchors, now):
            sentence = f"row {cut.id} tells of a cut at row {cut.last.id} before its two years"
            yield Finding("early", sentence)


def _against(
    hashes: dict[int, bytes], head: Tail, anchors: Sequence[Tail], last: int
) -> Iterator[Finding]:
    """What the head and the anchors know otherwise."""
    furthest = max([head, *anchors], key=lambda tail: tail.id)
    if furthest.id > last:
        yield Finding("cut", f"rows {last + 1} to {furthest.id} at the end are gone")
    known = sorted({(tail.id, tail.hash) for tail in (head, *anchors)})
    for id, hash in known:
        if 0 < id <= last and hashes.get(id) not in (None, hash):
            yield Finding("replaced", f"row {id} is not the one that was written")
    if head.id < last:
        yield Finding("broken", f"rows {head.id + 1} to {last} came past the chain")


def _along(rows: list[_Seen], floor: Tail) -> Iterator[Finding]:
    known = {hash for _, _, hash, _ in rows} | {floor.hash}
    if rows and rows[0][0] <= floor.id:
        yield Finding("broken", f"rows up to {floor.id} are said to be removed and are here")
        floor = START
    number, before = floor.id + 1, floor.hash
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


def verify(conn: Connection, anchors_file: Path | None) -> Report:
    """The log as it is now against itself and against the file."""
    anchors, lines = read_anchors(anchors_file) if anchors_file else ([], [])
    unreadable = [Finding("unreadable", f"line {n} of the anchors is none") for n in lines]
    head = find_head(conn)
    floor, found = examine(read_rows(conn), head, anchors)
    anchored = max((anchor.id for anchor in anchors), default=0)
    return Report(head.id, floor.id, anchored, [*unreadable, *found])
