"""The account of the clock: days, what is left, hand-overs and extensions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.cases.account import day_by_day, due_reason, of_case, remaining
from services.cases.clock import Calendar, Period
from services.cases.deadline import calendar as city_calendar
from services.cases.deadline import handover_due_at, latest_extension
from services.city import CityPack
from tests.unit.cases.sample import a_case


@pytest.fixture(scope="module")
def calendar(pack: CityPack) -> Calendar:
    return city_calendar(pack)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00")


@pytest.mark.parametrize(
    ("received", "period", "account"),
    [
        (
            "2026-02-13T16:30",
            Period(hours=3),
            "13 금 counted 90, 14 토 weekend 0, 15 일 weekend 0, 16 월 holiday 0,"
            " 17 화 holiday 0, 18 수 holiday 0, 19 목 counted 90",
        ),
        (
            "2026-09-23T10:00",
            Period(days=6),
            "23 수 counted 1, 24 목 holiday 0, 25 금 holiday 0, 26 토 weekend 0, 27 일 weekend 0,"
            " 28 월 counted 2, 29 화 counted 3, 30 수 counted 4, 1 목 counted 5, 2 금 counted 6",
        ),
        (
            "2027-02-05T17:00",
            Period(hours=3),
            "5 금 counted 60, 6 토 weekend 0, 7 일 weekend 0, 8 월 holiday 0, 9 화 holiday 0,"
            " 10 수 counted 120",
        ),
    ],
    ids=["Seollal 2026", "Chuseok 2026", "Seollal 2027 and its substitute day"],
)
def test_each_day_is_accounted_for(
    calendar: Calendar, received: str, period: Period, account: str
) -> None:
    days = [day.as_json() for day in day_by_day(calendar, period, at(received))]
    told = [
        f"{int(day['date'][-2:])} {day['weekday']} {day['kind']}"
        f" {day['minutes'] or day['day'] or 0}"
        for day in days
    ]
    assert ", ".join(told) == account


def test_a_paused_day_is_told_apart(calendar: Calendar) -> None:
    pause = (at("2026-08-04T00:00"), at("2026-08-05T00:00"))
    days = day_by_day(calendar, Period(days=2), at("2026-08-03T10:00"), [pause])
    assert [(day.kind, day.counted / timedelta(hours=1)) for day in days] == [
        ("counted", 7),
        ("paused", 0),
        ("counted", 8),
        ("counted", 1),
    ]


@pytest.mark.parametrize(
    ("now", "left", "late", "words"),
    [
        ("2026-07-31T16:30", 180, 0, "근무시간 3시간 남음"),
        ("2026-08-01T10:00", 90, 0, "근무시간 1시간 30분 남음"),
        ("2026-08-03T10:29", 1, 0, "근무시간 1분 남음"),
        ("2026-08-03T10:30", 0, 0, "근무시간 0분 남음"),
        ("2026-08-03T13:30", 0, 120, "근무시간 2시간 지남"),
    ],
)
def test_what_is_left_is_working_time(
    calendar: Calendar, now: str, left: int, late: int, words: str
) -> None:
    found = remaining(calendar, at("2026-08-03T10:30"), at(now)).as_json()
    assert (found["working_minutes"], found["overdue_working_minutes"]) == (left, late)
    assert found["text"] == words


def test_what_is_left_stands_still_in_a_pause(calendar: Calendar) -> None:
    since = at("2026-08-03T09:30")
    found = remaining(calendar, at("2026-08-03T10:30"), at("2026-08-20T10:30"), since)
    assert (found.left, found.late, found.paused) == (timedelta(hours=1), timedelta(), True)
    assert found.words == "근무시간 1시간 남음 (정지 중)"


def test_a_due_time_centuries_away_is_not_counted_out(calendar: Calendar) -> None:
    found = remaining(calendar, at("2999-01-01T00:00"), at("2026-08-20T10:30"))
    assert timedelta(hours=1900) < found.left < timedelta(hours=2100)


@pytest.mark.parametrize("state", ["resolved", "closed", "transferred_out"])
def test_nothing_is_left_of_a_case_that_is_done(calendar: Calendar, state: str) -> None:
    case = a_case(state=state, due_at=at("2026-08-03T10:30"))
    assert of_case(case, calendar, at("2026-08-03T10:00")) is None
    running = of_case(replace(case, state="routed"), calendar, at("2026-08-03T10:00"))
    assert running is not None
    assert running.left == timedelta(minutes=30)


def test_why_it_is_due_names_kind_article_and_pauses(pack: CityPack) -> None:
    why = due_reason(a_case(petition_kind="grievance", paused_since=at("2026-08-03T10:00")), pack)
    assert why["law"] == "시행령 제17조"
    assert why["text"] == "고충민원: 7일, 첫날 포함 (시행령 제17조), 처리기간에 넣지 않은 기간 1회"
    plain = due_reason(a_case(petition_kind="other"), pack)
    assert plain["text"] == "기타민원: 근무시간 3시간 (시행령 제16조, 제19조)"


@pytest.mark.parametrize(
    ("handover", "since", "due"),
    [
        ("to_unit", "2026-07-31T17:30", "2026-08-03T09:30"),
        ("misfiled", "2026-08-03T11:00", "2026-08-03T15:00"),
        ("to_agency", "2026-08-03T11:00", "2026-08-04T11:00"),
        ("to_agency", "2026-02-13T17:00", "2026-02-19T17:00"),
    ],
)
def test_hand_overs_have_clocks_of_their_own(
    pack: CityPack, handover: str, since: str, due: str
) -> None:
    assert handover_due_at(pack, handover, at(since)) == at(due)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "due", "latest"),
    [
        ("other", "2026-08-03T12:00", "2026-08-03T16:00"),
        ("query", "2026-08-11T18:00", "2026-08-21T18:00"),
    ],
)
def test_an_extension_is_the_period_once_more(
    pack: CityPack, kind: str, due: str, latest: str
) -> None:
    assert latest_extension(pack, kind, at(due)) == at(latest)
