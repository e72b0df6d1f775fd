"""The feed of changes: walled off, complete, and in an order that commits cannot upset."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.integration.notices.conftest import Post

EVENT = (
    "INSERT INTO case_events (case_id, at, actor, action, from_state, to_state)"
    " VALUES (%s, now(), 'system', %s, 'routed', 'routed')"
)


HELD_BACK = (
    "SELECT EXISTS (SELECT FROM changes WHERE txid >= pg_snapshot_xmin(pg_current_snapshot()))"
)


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline, "an older transaction does not end"
        time.sleep(0.01)


def follow(
    post: Post, who: str, after: str | None, *, settled: bool = True
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the feed; `settled` waits for older transactions, also other tests' databases'."""
    if settled:
        with psycopg.connect(post.town.settings.database_url, autocommit=True) as conn:
            until(lambda: conn.execute(HELD_BACK).fetchone() == (False,))
    given = {"after": after} if after else {}
    found = post.town.get("/v1/changes", who, limit=200, **given).json()
    return found["items"], found["next_cursor"]


def test_an_agency_follows_its_own_cases_to_where_they_leave(post: Post) -> None:
    _, start = follow(post, "북구청", None)
    _, other = follow(post, "서구청", None)
    id = post.routed()
    post.town.act(id, "reroute", "북구청", 2, reason="소관 아님")
    post.town.post(
        f"/v1/review/{id}/decide", "triage", {"service": "streetlight", "agency": "서구청"}
    )
    _, version = post.town.state(id)
    post.town.act(id, "note", "서구청", version, text="내부 메모")
    mine, _ = follow(post, "북구청", start)
    assert [(item["action"], item["left"]) for item in mine] == [
        ("route", False),
        ("reroute", False),
        ("decide", True),
    ]
    assert mine[-1]["links"] == {}
    theirs, end = follow(post, "서구청", other)
    assert [(item["action"], item["left"]) for item in theirs] == [
        ("decide", False),
        ("note", False),
    ]
    assert follow(post, "서구청", end) == ([], end)
    assert follow(post, "서구청", theirs[0]["cursor"])[0] == theirs[1:]
    assert "내부 메모" not in str(theirs)


@pytest.mark.parametrize("younger_writes_first", [True, False])
@pytest.mark.parametrize("younger_commits_first", [True, False])
def test_nothing_is_skipped_when_commits_cross(
    post: Post, younger_writes_first: bool, younger_commits_first: bool
) -> None:
    """Rows' numbers follow the writing, transactions' numbers the beginning; commits neither."""
    first, second = post.routed(), post.routed()
    _, start = follow(post, "북구청", None)
    url = post.town.settings.database_url
    seen: list[tuple[str, str]] = []

    def read(cursor: str | None, *, settled: bool = True) -> str | None:
        items, after = follow(post, "북구청", cursor, settled=settled)
        seen.extend((str(item["case_id"]), item["action"]) for item in items)
        return after

    with psycopg.connect(url) as a, psycopg.connect(url) as b:
        a.execute("SELECT pg_current_xact_id()")  # a is the older transaction
        b.execute("SELECT pg_current_xact_id()")
        writing = [(a, first), (b, second)]
        for conn, id in reversed(writing) if younger_writes_first else writing:
            conn.execute(EVENT, (UUID(id), "crossed"))
        cursor = read(start, settled=False)
        for conn in (b, a) if younger_commits_first else (a, b):
            conn.commit()
            cursor = read(cursor, settled=False)
    third = post.routed()
    cursor = read(cursor)
    assert seen.count((first, "crossed")) == seen.count((second, "crossed")) == 1
    assert seen[-1] == (third, "route")
    assert read(cursor) == cursor


def test_a_cursor_that_was_never_given_is_refused(post: Post) -> None:
    for after in ("x", "1", "1.2.3", "-1.1", "9" * 30 + ".1"):
        answer = post.town.get("/v1/changes", "북구청", after=after)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")
    assert post.town.get("/v1/changes", "channel").status_code == 403


def test_a_key_of_one_department_sees_that_department(post: Post) -> None:
    post.town.make_key("other unit", role="staff", agency_id="bukgu", departments=["공원녹지과"])
    _, start = follow(post, "other unit", None)
    post.routed()
    assert follow(post, "other unit", start)[0] == []
