"""Steps of a handler's work: notes, corrections, what is waited for, more time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

from services.cases import orders
from services.cases.case import KINDS, URGENCIES, Case, Correction, Question, Step
from services.cases.deadline import latest_extension, period
from services.cases.running import due_again
from services.cases.situation import Situation
from services.cases.states import IllegalTransition
from services.errors import InvalidField
from services.triage.rules import department_for

EXTENSIONS: Final = 2
"""Decree article 21: once by the agency's own word, once more with the citizen's consent."""


def note(case: Case, order: orders.Order, _at: Situation) -> Step:
    return Step(case, {"text": cast(orders.Note, order).text})


def correct(case: Case, order: orders.Order, at: Situation) -> Step:
    wanted = cast(orders.Correct, order)
    if wanted.service is not None and wanted.service not in at.pack.services:
        raise InvalidField("There is no such service in this city.", pointer="/service")
    if wanted.kind is not None and wanted.kind not in KINDS:
        raise InvalidField("There is no such kind.", pointer="/kind")
    before = {"service": case.service, "kind": case.kind, "urgency": URGENCIES[case.urgency]}
    after = {name: getattr(wanted, name) or value for name, value in before.items()}
    changed = tuple(
        Correction(name, before[name], value)
        for name, value in after.items()
        if value is not None and value != before[name]
    )
    corrected = replace(
        case,
        service=after["service"],
        kind=after["kind"],
        urgency=URGENCIES.index(str(after["urgency"])),
    )
    corrected = _petition_kind(case, corrected, wanted.petition_kind, at)
    return Step(corrected, {**_as_data(changed), **_new_period(case, corrected)}, changed)


def _petition_kind(before: Case, after: Case, wanted: str | None, at: Situation) -> Case:
    """Staff's word or a new kind may bring another statutory period."""
    if wanted is not None:
        period(at.pack, wanted)
        return due_again(replace(after, petition_kind=wanted), at)
    if after.kind is None or after.kind == before.kind:
        return after
    petition_kind = at.pack.petitions.kind_for(after.channel, after.kind).id
    return due_again(replace(after, petition_kind=petition_kind), at)


def _new_period(before: Case, after: Case) -> dict[str, Any]:
    if after.petition_kind == before.petition_kind:
        return {}
    due = [case.due_at.isoformat() if case.due_at else None for case in (before, after)]
    return {
        "petition_kind": {"before": before.petition_kind, "after": after.petition_kind},
        "due": {"before": due[0], "after": due[1]},
    }


def _as_data(changed: tuple[Correction, ...]) -> dict[str, Any]:
    return {item.field: {"before": item.before, "after": item.after} for item in changed}


def supplement(case: Case, order: orders.Order, at: Situation) -> Step:
    """Ask the citizen; the wait ends with their answer or on the day named."""
    wanted = cast(orders.Supplement, order)
    until = wanted.until or at.now + timedelta(days=at.pack.clock.supplement_days)
    _ahead(until, at.now, "/until")
    asked = replace(case, waits_until=until)
    return Step(asked, {"text": wanted.text, "until": until.isoformat()})


def survey(case: Case, _order: orders.Order, at: Situation) -> Step:
    """Go and look; asked for again while it lasts, seven days more, once (Decree 17)."""
    clock = at.pack.clock
    if case.state != "field_survey":
        until = at.now + timedelta(days=clock.field_survey_days)
        return Step(replace(case, waits_until=until), {"until": until.isoformat()})
    if case.survey_extended:
        raise IllegalTransition("A survey is extended once.")
    more = timedelta(days=clock.field_survey_extension_days)
    until = (case.waits_until or at.now) + more
    longer = replace(
        case,
        waits_until=until,
        survey_extended=True,
        survey_until=case.survey_until + more if case.survey_until else None,
    )
    return Step(longer, {"until": until.isoformat(), "extended": True})


def cooperate(case: Case, order: orders.Order, at: Situation) -> Step:
    """Ask another unit by a day of its own. With neither agency nor department the question goes
    outside Minwon, by other means; the wait for it ends on that day too.
    """
    wanted = cast(orders.Cooperate, order)
    if wanted.due_at is not None:
        _ahead(wanted.due_at, at.now, "/due_at")
    due = wanted.due_at or (case.due_at if case.due_at and case.due_at > at.now else None)
    question = _question(case, wanted, due, at)
    ends = [time for time in (case.waits_until, due) if time]
    data = {"text": wanted.text, "department": question.department if question else None}
    return Step(replace(case, waits_until=max(ends, default=None)), data, question=question)


def _question(
    case: Case, wanted: orders.Cooperate, due: datetime | None, at: Situation
) -> Question | None:
    if wanted.agency is None and wanted.department is None:
        return None
    agency_id = case.agency_id or ""
    if wanted.agency is not None:
        agency = at.pack.agency_named(wanted.agency)
        if agency is None or agency.kind == "external":
            raise InvalidField("There is no such agency with a queue here.", pointer="/agency")
        agency_id = agency.id
    department = wanted.department
    if department is None and case.service is not None:
        department = department_for(at.pack, agency_id, case.service)
    known = {unit.name for unit in at.pack.departments.get(agency_id, ())}
    if department is None or department not in known:
        raise InvalidField("The agency has no such department.", pointer="/department")
    return Question(agency_id, department, wanted.text, due)


def answer_cooperation(case: Case, order: orders.Order, at: Situation) -> Step:
    """A unit's answer: the last one that is waited for brings the case back to its handler."""
    state = "cooperation" if at.waiting else "in_progress"
    return Step(replace(case, state=state), {"text": cast(orders.Note, order).text})


def resume(case: Case, _order: orders.Order, at: Situation) -> Step:
    return Step(case, {"time_limit": True} if at.actor.role == "system" else {})


def extend(case: Case, order: orders.Order, at: Situation) -> Step:
    wanted = cast(orders.Extend, order)
    if case.paused_since is not None:
        raise IllegalTransition("The clock stands still: there is nothing to extend.")
    if case.extensions >= EXTENSIONS:
        raise IllegalTransition("The period was extended twice.")
    if case.extensions == 1 and not wanted.consent:
        raise InvalidField("A second extension needs the citizen's consent.", pointer="/consent")
    due = case.due_at or at.now
    _ahead(wanted.until, max(due, at.now), "/until")
    if wanted.until > latest_extension(at.pack, case.petition_kind, due):
        raise InvalidField("An extension is as long as the period at most.", pointer="/until")
    longer = replace(
        case,
        extensions=case.extensions + 1,
        extended_at=at.now,
        extended_to=wanted.until,
        due_at=wanted.until,
    )
    data = {"reason": wanted.reason, "until": wanted.until.isoformat(), "consent": wanted.consent}
    return Step(longer, {**data, "before": due.isoformat()})


def _ahead(time: datetime, of: datetime, pointer: str) -> None:
    if time <= of:
        raise InvalidField("That time lies too early.", pointer=pointer)
