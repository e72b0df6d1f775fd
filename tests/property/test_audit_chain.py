"""Whatever is done to the audit log is named, and nothing is named where nothing was done."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.access.anchors import Tail
from services.access.chain import GENESIS, Finding, Row, examine, link

NOW = datetime(2029, 3, 1, 3, tzinfo=UTC)
OLD = NOW - timedelta(days=800)

texts = st.lists(st.text(max_size=8), min_size=3, max_size=12)


def chained(contents: list[str]) -> tuple[list[Row], Tail]:
    rows: list[Row] = []
    before = GENESIS
    for number, content in enumerate(contents, 1):
        rows.append(Row(number, before, link(before, content), content))
        before = rows[-1].hash
    return rows, Tail(len(rows), before)


def kinds(rows: list[Row], head: Tail, *anchors: Tail) -> set[str]:
    return {finding.kind for finding in findings(rows, head, *anchors)}


def findings(rows: list[Row], head: Tail, *anchors: Tail) -> list[Finding]:
    return examine(rows, head, anchors, NOW)[1]


def pruned(contents: list[str], last: int, at: datetime = NOW) -> tuple[list[Row], Tail]:
    """A log whose end tells of a cut after row `last`; no row is gone yet."""
    rows, _ = chained(contents)
    data = {"through": last, "hash": rows[last - 1].hash.hex()}
    cut = json.dumps([at.isoformat(), "system", None, "prune", None, data])
    return chained([*contents, cut])


@given(texts)
def test_an_untouched_log_is_whole(contents: list[str]) -> None:
    rows, head = chained(contents)
    assert findings(rows, head, *(Tail(row.id, row.hash) for row in rows)) == []
    assert findings([], Tail(0, GENESIS)) == []


@given(texts, st.data())
def test_an_edited_row_is_named(contents: list[str], data: st.DataObject) -> None:
    rows, head = chained(contents)
    place = data.draw(st.integers(0, len(rows) - 1))
    rows[place] = replace(rows[place], content=contents[place] + "x")
    assert kinds(rows, head) == {"edited"}
    (finding,) = findings(rows, head)
    assert f"row {place + 1} " in finding.sentence


@given(texts, st.data())
def test_deleted_rows_are_named(contents: list[str], data: st.DataObject) -> None:
    rows, head = chained(contents)
    start = data.draw(st.integers(0, len(rows) - 2))
    end = data.draw(st.integers(start + 1, len(rows) - 1))
    (finding,) = findings(rows[:start] + rows[end:], head)
    assert str(finding) == f"deleted: rows {start + 1} to {end} are missing"


@given(texts, st.data())
def test_rows_deleted_and_numbered_anew_are_named(contents: list[str], data: st.DataObject) -> None:
    rows, head = chained(contents)
    place = data.draw(st.integers(0, len(rows) - 2))
    left = [
        replace(row, id=number) for number, row in enumerate(rows[:place] + rows[place + 1 :], 1)
    ]
    assert kinds(left, head) == {"broken", "cut"}


@given(texts, st.data())
def test_rows_in_another_order_are_named(contents: list[str], data: st.DataObject) -> None:
    rows, head = chained(contents)
    order = data.draw(st.permutations(rows).filter(lambda other: other != rows))
    moved = [replace(row, id=number) for number, row in enumerate(order, 1)]
    assert "reordered" in kinds(moved, head)


@given(texts, st.data())
def test_a_cut_is_named_even_if_the_head_was_cut_too(
    contents: list[str], data: st.DataObject
) -> None:
    rows, head = chained(contents)
    left = rows[: data.draw(st.integers(0, len(rows) - 1))]
    assert kinds(left, head) == {"cut"}
    lowered = Tail(left[-1].id, left[-1].hash) if left else Tail(0, GENESIS)
    assert kinds(left, lowered, head) == {"cut"}


@given(texts, st.data())
def test_a_chain_forged_anew_does_not_fit_its_anchor(
    contents: list[str], data: st.DataObject
) -> None:
    rows, head = chained(contents)
    anchor = data.draw(st.sampled_from(rows))
    forged, forged_head = chained(["x" + contents[0], *contents[1:]])
    assert kinds(forged, forged_head) == set()
    assert kinds(forged, forged_head, Tail(anchor.id, anchor.hash)) == {"replaced"}
    assert kinds(forged, head) == {"replaced"}


@given(texts, st.data())
def test_a_log_shortened_in_time_is_whole_and_checked_from_there(
    contents: list[str], data: st.DataObject
) -> None:
    last = data.draw(st.integers(1, len(contents)))
    rows, head = pruned(contents, last)
    anchors = [Tail(row.id, row.hash, OLD if row.id <= last else NOW) for row in rows]
    left = rows[last:]
    assert kinds(left, head, *anchors) == set()
    assert examine(left, head, anchors, NOW)[0] == Tail(last, rows[last - 1].hash)
    assert kinds(left[1:], head, *anchors) != set()
    assert kinds([replace(left[0], previous=GENESIS), *left[1:]], head) == {"edited"}
    assert kinds(rows, head, *anchors) == {"broken"}


@given(texts, st.data(), st.sampled_from([NOW, NOW + timedelta(days=3650)]))
def test_a_cut_before_its_time_is_named_whatever_time_it_gives(
    contents: list[str], data: st.DataObject, said: datetime
) -> None:
    last = data.draw(st.integers(2, len(contents)))
    rows, head = pruned(contents, last, said)
    young = data.draw(st.integers(1, last - 1))
    anchor = Tail(young, rows[young - 1].hash, NOW - timedelta(days=700))
    assert kinds(rows[last:], head, anchor) == {"early"}
    assert kinds(rows[last:], head, replace(anchor, at=OLD)) == set()


@pytest.mark.parametrize("data", [{}, {"through": "x", "hash": ""}, {"through": 1, "hash": "g"}, 3])
def test_a_cut_that_tells_nothing_excuses_nothing(data: object) -> None:
    cut = json.dumps([NOW.isoformat(), "system", None, "prune", None, data])
    rows, head = chained(["a", "b", cut])
    assert kinds(rows[1:], head) == {"deleted"}
    assert kinds(rows, head) == set()
