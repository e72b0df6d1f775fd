"""The statutory clock set to a city: its hours, days off and periods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from services.cases.clock import Calendar, DueAt, Period, WorkingDay, due_at
from services.city import CityPack
from services.errors import InvalidField


def calendar(pack: CityPack) -> Calendar:
    hours = pack.hours
    return Calendar(
        timezone=ZoneInfo(pack.timezone),
        hours=WorkingDay(
            hours.start, hours.lunch_start, hours.lunch_end, hours.end, hours.day_deadline
        ),
        extra_holidays=frozenset(pack.extra_holidays),
        weekend=hours.weekend,
        country=pack.country,
        hours_in_a_day=pack.clock.hours_per_day,
        days_counted_in_hours=pack.clock.days_counted_in_hours_up_to,
    )


def statutory_clock(pack: CityPack) -> DueAt:
    """The due time of a petition kind in this city.

    Raises `InvalidField` for a kind that the pack does not have, or that has no period of its own
    (법정민원: the city's published table decides).
    """
    days = calendar(pack)

    def due(
        kind: str, received_at: datetime, pauses: Sequence[tuple[datetime, datetime]]
    ) -> datetime:
        return due_at(days, period(pack, kind), received_at, pauses)

    return due


def period(pack: CityPack, kind: str) -> Period:
    """How long a petition of this kind may take; raises as `statutory_clock` says."""
    petition = pack.petitions.kinds.get(kind)
    if petition is None:
        known = ", ".join(pack.petitions.kinds)
        raise InvalidField(f"The kinds of petition are {known}.", pointer="/petition_kind")
    if petition.length is None:
        raise InvalidField(
            "The city's published table gives this kind's period.", pointer="/petition_kind"
        )
    length = petition.length
    return Period(hours=length) if petition.unit == "hours" else Period(days=length)


HandOver = Literal["to_unit", "misfiled", "to_agency"]


def handover_due_at(pack: CityPack, handover: HandOver, since: datetime) -> datetime:
    """When a case must have been handed over (Decree 13): from the receipt window to the unit,
    from one unit to another of the same agency, or to another agency.
    """
    clock = pack.clock
    hours = {
        "to_unit": clock.receipt_to_unit_hours,
        "misfiled": clock.misfiled_inside_agency_hours,
        "to_agency": clock.other_agency_hours,
    }[handover]
    return due_at(calendar(pack), Period(hours=hours), since)


def latest_extension(pack: CityPack, kind: str, due: datetime) -> datetime:
    """The latest new due time that an extension may set: the original period once more, from
    the due time on (Decree 21). The day after the due day is the first of a period in days.
    """
    days, length = calendar(pack), period(pack, kind)
    if days.working_time(length) is not None:
        return due_at(days, length, due)
    next_day = due.astimezone(days.timezone).date() + timedelta(days=1)
    return due_at(days, length, datetime.combine(next_day, time(), tzinfo=days.timezone))
