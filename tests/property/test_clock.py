"""The clock, for any receipt: never before it, never back in time, never earlier for a pause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cases.account import day_by_day, remaining
from services.cases.clock import Calendar, Period, due_at, working_time_between
from services.cases.deadline import calendar as city_calendar
from services.city import load as load_city
from tests.conftest import PACK

few = settings(max_examples=80, derandomize=True, deadline=None, database=None)

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
periods = st.one_of(
    st.builds(Period, hours=st.sampled_from([1, 3, 16])),
    st.builds(Period, days=st.sampled_from([2, 5, 6, 7, 14, 30])),
)
spans = st.lists(
    st.builds(
        lambda start, minutes: (start, start + timedelta(minutes=minutes)),
        moments,
        st.integers(0, 40 * 24 * 60),
    ),
    max_size=3,
)
Pauses = Sequence[tuple[datetime, datetime]]


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return city_calendar(load_city(PACK))


@few
@given(received=moments, period=periods, pauses=spans)
def test_due_comes_after_receipt_in_working_time(
    calendar: Calendar, received: datetime, period: Period, pauses: Pauses
) -> None:
    due = due_at(calendar, period, received, pauses)
    assert due > received
    assert calendar.is_working_day(due.date())


@few
@given(earlier=moments, later=moments, period=periods)
def test_who_comes_later_is_due_no_sooner(
    calendar: Calendar, earlier: datetime, later: datetime, period: Period
) -> None:
    earlier, later = sorted((earlier, later))
    assert due_at(calendar, period, earlier) <= due_at(calendar, period, later)


@few
@given(received=moments, period=periods, pauses=spans, more=spans)
def test_a_pause_makes_nothing_due_sooner(
    calendar: Calendar, received: datetime, period: Period, pauses: Pauses, more: Pauses
) -> None:
    some = due_at(calendar, period, received, pauses)
    assert due_at(calendar, period, received) <= some
    assert some <= due_at(calendar, period, received, [*pauses, *more])


@few
@given(received=moments, hours=st.integers(1, 80))
def test_a_period_in_hours_is_exactly_so_much_working_time(
    calendar: Calendar, received: datetime, hours: int
) -> None:
    due = due_at(calendar, Period(hours=hours), received)
    assert working_time_between(calendar, received, due) == timedelta(hours=hours)


@few
@given(received=moments, period=periods, pauses=spans)
def test_the_account_adds_up_to_the_period(
    calendar: Calendar, received: datetime, period: Period, pauses: Pauses
) -> None:
    days = day_by_day(calendar, period, received, pauses)
    assert days[-1].day == due_at(calendar, period, received, pauses).date()
    assert [day.day for day in days] == [
        days[0].day + timedelta(days=number) for number in range(len(days))
    ]
    whole = calendar.working_time(period)
    if whole is None:
        assert [day.number for day in days if day.number] == list(range(1, period.days + 1))
    else:
        assert sum((day.counted for day in days), timedelta()) == whole


@few
@given(due=moments, earlier=moments, later=moments)
def test_what_is_left_only_shrinks_and_is_never_negative(
    calendar: Calendar, due: datetime, earlier: datetime, later: datetime
) -> None:
    earlier, later = sorted((earlier, later))
    before, after = (remaining(calendar, due, now) for now in (earlier, later))
    assert before.left >= after.left >= timedelta()
    assert timedelta() <= before.late <= after.late
    assert not (after.left and after.late)
