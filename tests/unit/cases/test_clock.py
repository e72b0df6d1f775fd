"""The statutory clock: working hours, days, days off and pauses. All times are Gwangju's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.cases.clock import Calendar, Period, due_at, working_time_between
from services.cases.deadline import calendar as city_calendar
from services.cases.deadline import statutory_clock
from services.city import CityPack
from services.errors import InvalidField

AT_ONCE = Period(hours=3)


@pytest.fixture(scope="module")
def calendar(pack: CityPack) -> Calendar:
    return city_calendar(pack)


def at(calendar: Calendar, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=calendar.timezone)


VECTORS = {
    "at once, Saturday night": (AT_ONCE, "2026-08-01 22:00", "2026-08-03 12:00"),
    "at once, Friday 16:30": (AT_ONCE, "2026-07-31 16:30", "2026-08-03 10:30"),
    "two days, Friday 15:00": (Period(days=2), "2026-07-31 15:00", "2026-08-04 15:00"),
    "seven days, Monday": (Period(days=7), "2026-08-03 10:00", "2026-08-11 18:00"),
    "fourteen days, Monday": (Period(days=14), "2026-06-08 10:00", "2026-06-25 18:00"),
    "at once, at opening": (AT_ONCE, "2026-08-03 09:00", "2026-08-03 12:00"),
    "at once, before opening": (AT_ONCE, "2026-08-03 03:00", "2026-08-03 12:00"),
    "at once, over lunch": (AT_ONCE, "2026-08-03 11:00", "2026-08-03 15:00"),
    "at once, in lunch": (AT_ONCE, "2026-08-03 12:30", "2026-08-03 16:00"),
    "at once, at closing": (AT_ONCE, "2026-08-03 18:00", "2026-08-04 12:00"),
    "five days are forty hours": (Period(days=5), "2026-08-03 11:00", "2026-08-10 11:00"),
    "six days count from the first": (Period(days=6), "2026-08-03 17:59", "2026-08-10 18:00"),
    "seven days, Saturday": (Period(days=7), "2026-08-01 10:00", "2026-08-11 18:00"),
    "Seollal 2026": (AT_ONCE, "2026-02-13 17:00", "2026-02-19 11:00"),
    "Chuseok 2026": (AT_ONCE, "2026-09-23 17:00", "2026-09-28 11:00"),
    "Seollal 2027, with a substitute day": (AT_ONCE, "2027-02-05 17:00", "2027-02-10 11:00"),
    "Chuseok 2027": (AT_ONCE, "2027-09-13 17:00", "2027-09-17 11:00"),
    "seven days over Chuseok 2026": (Period(days=7), "2026-09-21 10:00", "2026-10-01 18:00"),
    "seven days over Seollal 2027": (Period(days=7), "2027-02-01 10:00", "2027-02-11 18:00"),
    "over the turn of the year": (AT_ONCE, "2026-12-31 17:00", "2027-01-04 11:00"),
}


@pytest.mark.parametrize(("period", "received", "due"), VECTORS.values(), ids=VECTORS.keys())
def test_when_an_answer_is_due(calendar: Calendar, period: Period, received: str, due: str) -> None:
    assert due_at(calendar, period, at(calendar, received)) == at(calendar, due)


def test_the_zone_of_the_receipt_does_not_matter(calendar: Calendar) -> None:
    received = at(calendar, "2026-08-03 10:00")
    assert due_at(calendar, AT_ONCE, received.astimezone(UTC)) == due_at(
        calendar, AT_ONCE, received
    )


@pytest.mark.parametrize(
    ("period", "pause", "due"),
    [
        (AT_ONCE, ("2026-08-03 10:00", "2026-08-03 11:00"), "2026-08-03 14:00"),
        (AT_ONCE, ("2026-08-03 11:30", "2026-08-03 13:30"), "2026-08-03 14:00"),
        (AT_ONCE, ("2026-08-03 18:00", "2026-08-04 09:00"), "2026-08-03 12:00"),
        (AT_ONCE, ("2026-08-03 10:00", "2026-08-10 10:00"), "2026-08-10 12:00"),
        (Period(days=7), ("2026-08-04 00:00", "2026-08-06 00:00"), "2026-08-13 18:00"),
        (Period(days=7), ("2026-08-04 10:00", "2026-08-04 17:00"), "2026-08-11 18:00"),
        (Period(days=7), ("2026-08-08 00:00", "2026-08-10 00:00"), "2026-08-11 18:00"),
    ],
    ids=[
        "an hour",
        "across lunch",
        "at night",
        "a week",
        "two whole days",
        "part of a day counts as worked",
        "a weekend",
    ],
)
def test_a_pause_is_left_out(
    calendar: Calendar, period: Period, pause: tuple[str, str], due: str
) -> None:
    received = at(calendar, "2026-08-03 09:00")
    spans = [(at(calendar, pause[0]), at(calendar, pause[1]))]
    assert due_at(calendar, period, received, spans) == at(calendar, due)


def test_pauses_that_overlap_count_once(calendar: Calendar) -> None:
    received = at(calendar, "2026-08-03 09:00")
    spans = [
        (at(calendar, "2026-08-03 10:00"), at(calendar, "2026-08-03 11:00")),
        (at(calendar, "2026-08-03 10:30"), at(calendar, "2026-08-03 11:30")),
    ]
    assert due_at(calendar, AT_ONCE, received, spans) == at(calendar, "2026-08-03 14:30")


@pytest.mark.parametrize(
    "day",
    [
        "2026-02-16",
        "2026-02-17",
        "2026-02-18",
        "2026-09-24",
        "2026-09-25",
        "2027-02-08",
        "2027-02-09",
        "2027-09-14",
        "2027-09-15",
        "2027-09-16",
        "2026-08-17",
        "2026-08-01",
    ],
)
def test_nobody_works_on_a_day_off(calendar: Calendar, day: str) -> None:
    assert not calendar.is_working_day(date.fromisoformat(day))
    assert calendar.spans(date.fromisoformat(day)) == ()


def test_a_city_may_have_days_off_of_its_own(calendar: Calendar) -> None:
    fair = Calendar(calendar.timezone, calendar.hours, frozenset({date(2026, 8, 3)}))
    received = at(calendar, "2026-08-03 09:00")
    assert due_at(fair, AT_ONCE, received) == at(calendar, "2026-08-04 12:00")


def test_working_time_is_what_lies_in_office_hours(calendar: Calendar) -> None:
    friday, monday = at(calendar, "2026-07-31 17:00"), at(calendar, "2026-08-03 13:30")
    assert working_time_between(calendar, friday, monday) == timedelta(hours=4.5)
    assert working_time_between(calendar, monday, friday) == timedelta()


def test_a_kind_takes_its_period_and_one_without_is_refused(pack: CityPack) -> None:
    due = statutory_clock(pack)
    monday = datetime(2026, 8, 3, 0, 0, tzinfo=UTC)
    assert due("other", monday, ()) < due("query", monday, ())
    assert due("grievance", monday, ()) == due("query", monday, ())
    assert due("legal_query", monday, ()) == due("suggestion", monday, ())
    for kind in ("no such kind", "statutory"):
        with pytest.raises(InvalidField):
            due(kind, monday, ())
