"""The statutory clock: receipt time, period, calendar and pauses give the due time.

Act on the Handling of Civil Petitions (민원 처리에 관한 법률), article 19: a period of five days or
less is counted in working hours from the minute of receipt, eight hours to the day; a period of
six days or more is counted in days with the first day included. Saturdays, Sundays and public
holidays are left out of both. Periods by kind are data of the city pack; the city's legal officer
confirms them before live use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays


@dataclass(frozen=True, slots=True)
class Period:
    """`hours` of working time or `days`, one of them."""

    hours: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class WorkingDay:
    """Office hours with their lunch break, and when a deadline counted in days ends."""

    start: time
    lunch_start: time
    lunch_end: time
    end: time
    day_deadline: time


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which spans of time are working time in a city."""

    timezone: ZoneInfo
    hours: WorkingDay
    extra_holidays: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({5, 6})
    """Days of the week without work, Monday 0."""
    country: str = "KR"
    hours_in_a_day: int = 8
    days_counted_in_hours: int = 5

    def is_working_day(self, day: date) -> bool:
        if day.weekday() in self.weekend or day in self.extra_holidays:
            return False
        return day not in _public_holidays(self.country, day.year)

    def working_time(self, period: Period) -> timedelta | None:
        """A period in working time, or None for one that is counted in whole days."""
        if period.hours:
            return timedelta(hours=period.hours)
        if period.days <= self.days_counted_in_hours:
            return timedelta(hours=period.days * self.hours_in_a_day)
        return None

    def spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The working spans of a day; none on a day off."""
        if not self.is_working_day(day):
            return ()
        hours = self.hours
        return (
            (self._at(day, hours.start), self._at(day, hours.lunch_start)),
            (self._at(day, hours.lunch_end), self._at(day, hours.end)),
        )

    def day_end(self, day: date) -> datetime:
        return self._at(day, self.hours.day_deadline)

    def _at(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, tzinfo=self.timezone)


def due_at(
    calendar: Calendar,
    period: Period,
    received_at: datetime,
    pauses: Sequence[tuple[datetime, datetime]] = (),
) -> datetime:
    """When the answer is due. `pauses` are closed spans in which the clock stood still."""
    start = received_at.astimezone(calendar.timezone)
    working_time = calendar.working_time(period)
    if working_time is not None:
        return _after_working_time(calendar, start, working_time, pauses)
    return _after_working_days(calendar, start, period.days, pauses)


def after_working_time(calendar: Calendar, start: datetime, working_time: timedelta) -> datetime:
    """The moment at which so much working time has passed since `start`."""
    return _after_working_time(calendar, start.astimezone(calendar.timezone), working_time, ())


def working_time_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Working time from `start` to `end`; zero when they are the other way round."""
    total = timedelta()
    for opens, closes in _spans_from(calendar, start.astimezone(calendar.timezone)):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total


def working_time_left_in(
    calendar: Calendar,
    day: date,
    pauses: Sequence[tuple[datetime, datetime]] = (),
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> timedelta:
    """The working time of a day outside the pauses, from `since` to `until` if they are given."""
    total = timedelta()
    for span in calendar.spans(day):
        for begin, end in _without(*span, pauses):
            begin = max(begin, since) if since else begin
            end = min(end, until) if until else end
            total += max(end - begin, timedelta())
    return total


def _after_working_time(
    calendar: Calendar,
    start: datetime,
    left: timedelta,
    pauses: Sequence[tuple[datetime, datetime]],
) -> datetime:
    for opens, closes in _spans_from(calendar, start):
        for begin, end in _without(opens, closes, pauses):
            if end - begin >= left:
                return begin + left
            left -= end - begin
    raise AssertionError("working time never ends")


def _after_working_days(
    calendar: Calendar,
    start: datetime,
    days: int,
    pauses: Sequence[tuple[datetime, datetime]],
) -> datetime:
    """A day counts unless its whole working time was paused."""
    left = days
    for day in days_from(start.date()):
        spans = calendar.spans(day)
        if any(True for span in spans for _ in _without(*span, pauses)):
            left -= 1
        if left <= 0:
            return calendar.day_end(day)
    raise AssertionError("days never end")


def _spans_from(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    for day in days_from(start.date()):
        for opens, closes in calendar.spans(day):
            if closes > start:
                yield max(opens, start), closes


def days_from(day: date) -> Iterator[date]:
    """That day and all that follow."""
    while True:
        yield day
        day += timedelta(days=1)


def _without(
    opens: datetime, closes: datetime, pauses: Sequence[tuple[datetime, datetime]]
) -> Iterator[tuple[datetime, datetime]]:
    """What is left of a span when the pauses are cut out of it."""
    begin = opens
    for pause_start, pause_end in sorted(pauses):
        if pause_end <= begin or pause_start >= closes:
            continue
        if pause_start > begin:
            yield begin, pause_start
        begin = max(begin, pause_end)
    if begin < closes:
        yield begin, closes


@lru_cache(maxsize=8)
def _public_holidays(country: str, year: int) -> frozenset[date]:
    """With substitute and temporary days, as far as the library's edition knows them."""
    return frozenset(holidays.country_holidays(country, years=year))


DueAt = Callable[[str, datetime, Sequence[tuple[datetime, datetime]]], datetime]
"""(petition kind, received at, pauses) -> due at: the clock with a city's calendar filled in."""
