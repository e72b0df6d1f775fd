"""Rounds of the worker: deadlines each minute, progress and the list of the month each hour."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.cases.deadline import calendar
from services.cases.reminders import store
from services.cases.reminders.rules import Deadline, horizon, reminders
from services.city import CityPack
from services.database import Database

AT_ONCE = 1_000


def remind(database: Database, pack: CityPack, now: datetime) -> int:
    """Tell what is near, late or long late at `now`; returns how many reminders were written."""
    days = calendar(pack)
    until = horizon(days, now)
    written, after = 0, None
    while True:
        with database.transaction() as conn:
            page: list[Deadline] = store.list_deadlines(conn, until, after, AT_ONCE)
            found = [item for deadline in page for item in reminders(deadline, days, pack, now)]
            if found:
                written += store.tell_reminders(conn, found, now)
        if len(page) < AT_ONCE:
            return written
        after = page[-1]


def tell_late_handovers(database: Database, now: datetime) -> int:
    """Decree 13: word of what lies with a desk or a unit that should have passed it on."""
    written = 0
    while True:
        with database.transaction() as conn:
            told = store.tell_late_handovers(conn, now, AT_ONCE)
        written += told
        if told < AT_ONCE:
            return written


def tell_progress(database: Database, pack: CityPack, now: datetime) -> int:
    """Decree 23: word of the progress on the thirtieth day and each thirty days after."""
    written = 0
    while True:
        with database.transaction() as conn:
            told = store.tell_progress(conn, now, pack.clock.progress_notice_days, AT_ONCE)
        written += told
        if told < AT_ONCE:
            return written


def close_month(database: Database, pack: CityPack, now: datetime) -> int:
    """Keep the list of the month before `now`'s, if it is not kept yet; returns its new cases."""
    zone = ZoneInfo(pack.timezone)
    today = now.astimezone(zone).date()
    month = first_of_last_month(today)
    with database.transaction() as conn:
        if store.list_overdue(conn, month, None, None, None, 1):
            return 0
        return store.store_overdue_list(
            conn, month, _start(month, zone), _start(today.replace(day=1), zone), now
        )


def first_of_last_month(today: date) -> date:
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
