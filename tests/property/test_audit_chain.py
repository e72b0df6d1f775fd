"""Whatever is done to the audit log is named, and nothing is named where nothing was done."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.access.chain import GENESIS, Row, Tail, examine, link

texts = st.lists(st.text(max_size=8), min_size=3, max_size=12)


def chained(contents: list[str]) -> tuple[list[Row], Tail]:
    rows: list[Row] = []
    before = GENESIS
    for number, content in enumerate(contents, 1):
        rows.append(Row(number, before, link(before, content), content))
        before = rows[-1].hash
    return rows, Tail(len(rows), before)


def kinds(rows: list[Row], head: Tail, *anchors: Tail) -> set[str]:
    return {finding.kind for finding in examine(rows, head, anchors)}


@given(texts)
def test_an_untouched_log_is_whole(contents: list[str]) -> None:
    rows, head = chained(contents)
    assert examine(rows, head, [Tail(row.id, row.hash) for row in rows]) == []
    assert examine([], Tail(0, GENESIS)) == []


@given(texts, st.data())
def test_an_edited_row_is_named(contents: list[str], data: st.DataObject) -> None:
    rows, head = chained(contents)
    place = data.draw(st.integers(0, len(rows) - 1))
    rows[place] = replace(rows[place], content=contents[place] + "x")
    assert kinds(rows, head) == {"edited"}
    (finding,) = examine(rows, head)
    assert f"row {place + 1} " in finding.sentence


@given(texts, st.data())
def test_deleted_rows_are_named(contents: list[str], data: st.DataObject) -> None:
    rows, head = chained(contents)
    start = data.draw(st.integers(0, len(rows) - 2))
    end = data.draw(st.integers(start + 1, len(rows) - 1))
    (finding,) = examine(rows[:start] + rows[end:], head)
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
