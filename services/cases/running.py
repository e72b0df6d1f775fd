"""The clock of a case as its states move: pauses begin and end, and the due time follows.

Decree articles 17 and 20: the time of a supplement is left out, and of a survey in a 고충민원 for
14 days, with 7 more once. A case that was answered stands still until it is reopened.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from psycopg.types.range import Range

from services.cases.case import Case
from services.cases.clock import after_working_time, working_time_between
from services.cases.deadline import calendar
from services.cases.situation import Situation
from services.cases.states import ENDED, stops_clock

STOPPED = ENDED | {"resolved"}
WAITING = frozenset({"supplement", "field_survey", "cooperation"})
UNTAKEN = frozenset({"routed", "review", "reroute_requested", "arbitration"})
"""What someone still has to take or pass on, by `handover_due_at`."""


def run_clock(before: Case, after: Case, at: Situation) -> Case:
    """`after` with its times set: what it waits for, its pauses, its end, its due time."""
    after = replace(
        _ended(before, after, at),
        waits_until=after.waits_until if after.state in WAITING else None,
        handover_due_at=after.handover_due_at if after.state in UNTAKEN else None,
        updated_at=at.now,
    )
    if after.state == "field_survey" and stops_clock(after.state, after.petition_kind):
        until = after.survey_until or at.now + timedelta(days=at.pack.clock.field_survey_days)
        after = replace(after, survey_until=until)
    return _paused(before, after, at)


def due_again(case: Case, at: Situation) -> Case:
    """The due time by the kind's period and the pauses, or by the extension if that is later.

    Without a period in the city pack (법정민원) the due time that the case has stays.
    """
    if not _has_period(case, at):
        return case
    due = at.due_at(case.petition_kind, case.received_at, case.closed_pauses)
    if case.extended_to is not None and case.extended_at is not None:
        due = max(due, _extended(case, case.extended_at, case.extended_to, at))
    return replace(case, due_at=due)


def _ended(before: Case, after: Case, at: Situation) -> Case:
    """Stamp an end; for a reopened case leave out the time in which it was held to be done."""
    if after.state in STOPPED:
        return replace(
            after,
            resolved_at=after.resolved_at or (at.now if after.state == "resolved" else None),
            closed_at=after.closed_at or (at.now if after.state in ENDED else None),
        )
    if before.state not in STOPPED:
        return after
    since = before.resolved_at or before.closed_at or before.updated_at
    after = replace(after, resolved_at=None, closed_at=None, close_reason=None)
    return _later(after, since, at.now, at)


def _paused(before: Case, after: Case, at: Situation) -> Case:
    since = before.paused_since
    stops = _stands_still(after, at.now)
    if since is None or stops:
        return replace(after, paused_since=since or (_next_start(after, at) if stops else None))
    until = at.now
    if before.state == "field_survey" and before.survey_until is not None:
        until = min(until, before.survey_until)
    return _later(replace(after, paused_since=None), since, until, at)


def _stands_still(case: Case, now: datetime) -> bool:
    if not stops_clock(case.state, case.petition_kind):
        return False
    return case.state != "field_survey" or case.survey_until is None or now < case.survey_until


def _next_start(case: Case, at: Situation) -> datetime:
    """Now, but never before the last pause ended: machines' clocks may differ."""
    return max([at.now, *(end for _, end in case.closed_pauses)])


def _has_period(case: Case, at: Situation) -> bool:
    return at.pack.petitions.named(case.petition_kind).length is not None


def _later(case: Case, since: datetime, until: datetime, at: Situation) -> Case:
    """The case with one more pause, due as its period says; without one, by the time lost."""
    begin = max([since, *(end for _, end in case.closed_pauses)])
    end = max(begin, until)
    case = replace(case, pauses=[*case.pauses, Range(begin, end, "[)")])
    if _has_period(case, at) or case.due_at is None:
        return due_again(case, at)
    days = calendar(at.pack)
    lost = working_time_between(days, begin, end)
    return replace(case, due_at=after_working_time(days, case.due_at, lost)) if lost else case


def _extended(case: Case, since: datetime, until: datetime, at: Situation) -> datetime:
    """The extended date, later by the working time that was paused after it was given."""
    days = calendar(at.pack)
    lost = [
        working_time_between(days, max(start, since), end)
        for start, end in case.closed_pauses
        if end > since
    ]
    return after_working_time(days, until, sum(lost, timedelta())) if any(lost) else until
