"""Deadlines: told once each, again only for a new deadline, however many beats there are."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.cases.reminders import rounds
from services.city import CityPack
from services.database import WORKER, Database
from tests.integration.api.town import Town

DUE = datetime.fromisoformat("2026-08-03T12:00+09:00")  # a Monday; at once, received on Saturday


@pytest.fixture(scope="module")
def hand(town: Town) -> Iterator[Database]:
    database = Database(town.settings.database_url, WORKER, size=4)
    database.open()
    yield database
    database.close()


def told(town: Town, id: str) -> list[str]:
    rows = town.rows(
        "SELECT action FROM case_events WHERE case_id = %s AND actor = 'system'"
        " AND action NOT IN ('route', 'review') ORDER BY id",
        UUID(id),
    )
    return [row[0] for row in rows]


def change(town: Town, id: str, assignments: str, *values: Any) -> None:
    with psycopg.connect(town.settings.database_url) as conn:
        statement = f"UPDATE cases SET {assignments} WHERE id = %s"  # noqa: S608
        conn.execute(statement.encode(), (*values, UUID(id)))


def due(town: Town, **changes: Any) -> str:
    return town.routed(due_at=DUE.isoformat(), **changes)[0]


def test_a_deadline_is_told_before_after_and_long_after(
    town: Town, hand: Database, pack: CityPack
) -> None:
    id = due(town)
    seen = []
    for hours in (-2, -1, -0.5, 0, 0.5, 2.5, 30):  # lunch lies between .0 and 1.0
        rounds.remind(hand, pack, DUE + timedelta(hours=hours))
        seen.append(len(told(town, id)))
    assert seen == [0, 1, 1, 2, 2, 3, 3]
    assert told(town, id) == ["due_soon", "overdue", "escalated"]
    work = "SELECT count(*) FROM outbox WHERE topic = 'notice' AND case_id = %s"
    assert town.rows(work, UUID(id))[0][0] >= 3
    events = town.get(f"/v1/cases/{id}/events", "북구청").json()["items"]
    (last,) = [event for event in events if event["action"] == "escalated"]
    assert last["data"]["text"] == "근무시간 1시간 30분 지남"
    assert last["data"]["due_at"] == "2026-08-03T12:00:00+09:00"


def test_what_nobody_takes_or_passes_on_is_told_once(
    town: Town, hand: Database, pack: CityPack
) -> None:
    late: dict[str, Any] = {
        "handover_due_at": DUE.isoformat(),
        "due_at": (DUE + timedelta(days=9)).isoformat(),
    }
    unit, desk, taken = (
        town.routed(**late, state=state)[0] for state in ("routed", "review", "routed")
    )
    town.act(taken, "assign", "북구청", 2, assignee="team-1")
    for hours in (-1, 0, 1):
        rounds.tell_late_handovers(hand, DUE + timedelta(hours=hours))
    assert [told(town, id) for id in (unit, desk, taken)] == [["handover_late"]] * 2 + [[]]
    released = town.act(taken, "release", "북구청", 3).json()["handover_due_at"]
    assert datetime.fromisoformat(released) > DUE
    assert 'minwon_cases_stuck{why="handover_late"} 2.0' in town.client.get("/metrics").text


def test_a_new_deadline_is_told_of_anew(town: Town, hand: Database, pack: CityPack) -> None:
    id = due(town)
    rounds.remind(hand, pack, DUE)
    change(town, id, "due_at = %s", DUE + timedelta(days=1))
    rounds.remind(hand, pack, DUE)
    assert told(town, id) == ["overdue"]
    rounds.remind(hand, pack, DUE + timedelta(hours=23))
    rounds.remind(hand, pack, DUE + timedelta(hours=24))
    assert told(town, id) == ["overdue", "due_soon", "overdue"]


def test_a_clock_that_stands_still_and_a_case_that_is_done_are_left_alone(
    town: Town, hand: Database, pack: CityPack
) -> None:
    paused, done, away = due(town), due(town), due(town)
    change(town, paused, "paused_since = %s, state = 'supplement'", DUE - timedelta(hours=2))
    change(town, done, "resolved_at = %s, state = 'resolved'", DUE - timedelta(hours=2))
    change(town, away, "state = 'transferred_out'")
    rounds.remind(hand, pack, DUE + timedelta(days=9))
    rounds.tell_progress(hand, pack, DUE + timedelta(days=9))
    assert [told(town, id) for id in (paused, done, away)] == [[], [], []]


def test_rounds_made_at_once_tell_once(town: Town, hand: Database, pack: CityPack) -> None:
    ids = [due(town) for _ in range(5)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: rounds.remind(hand, pack, DUE), range(4)))
    assert [told(town, id) for id in ids] == [["overdue"]] * 5


def test_progress_is_told_every_thirty_days(town: Town, hand: Database, pack: CityPack) -> None:
    id = due(town)
    received = DUE - timedelta(days=100)
    change(town, id, "received_at = %s", received)
    counts = []
    for days in (29, 30, 31, 59, 60, 95):
        rounds.tell_progress(hand, pack, received + timedelta(days=days))
        counts.append(told(town, id).count("progress"))
    assert counts == [0, 1, 1, 1, 2, 3]


def test_the_month_is_kept_as_it_ended(town: Town, hand: Database, pack: CityPack) -> None:
    september = datetime.fromisoformat("2026-09-01T00:10+09:00")
    open_, answered_late, on_time, next_month = (due(town, department="건설과") for _ in range(4))
    change(town, answered_late, "state = 'resolved', resolved_at = %s", DUE + timedelta(hours=5))
    change(town, on_time, "state = 'resolved', resolved_at = %s", DUE - timedelta(hours=1))
    change(town, next_month, "due_at = %s", september)
    assert rounds.close_month(hand, pack, september) >= 2
    assert rounds.close_month(hand, pack, september) == 0
    change(town, open_, "state = 'resolved', resolved_at = %s", september)
    pages = town.pages("/v1/overdue", "북구청", 2, month="2026-08")
    listed = {item["id"]: item for page in pages for item in page}
    assert {open_, answered_late} <= listed.keys()
    assert not {on_time, next_month} & listed.keys()
    assert listed[open_]["resolved_at"] is None
    assert listed[open_]["due_at"] == "2026-08-03T12:00:00+09:00"
    assert "overdue_listed" in told(town, open_)
    assert town.get("/v1/overdue", "남구청", month="2026-08").json()["items"] == []
    assert town.get("/v1/overdue", "channel", month="2026-08").status_code == 403
    for month in ("2026-8", "2026-13", "0000-01"):
        assert town.get("/v1/overdue", "supervisor", month=month).status_code == 422
