"""All that the page of a case shows, read in one transaction and logged as a look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.access import audit
from services.access.actor import Actor
from services.access.staff import Person, display_names, staff_of
from services.cases import account, asking, store
from services.cases.acting import visible
from services.cases.case import Case, Event
from services.cases.deadline import calendar, period
from services.cases.presence.store import look_at
from services.cases.proposals import Proposal, proposals
from services.city import CityPack
from services.database import Connection
from services.errors import NotFound
from services.intake.store import Attachment, list_attachments
from services.notices.store import NoticeFilter, NoticeRow, list_notices
from services.web.pages import moment

SIMILAR = 5
NOTICES = 50


@dataclass(frozen=True, slots=True)
class Sight:
    """A case with what surrounds it; `names` are of people, by how events name them."""

    case: Case
    segments: list[dict[str, Any]] | None
    events: list[Event]
    attachments: list[Attachment]
    similar: list[store.Similar]
    questions: list[asking.Cooperation]
    proposals: list[Proposal]
    children: list[Case]
    relatives: dict[str, Case]
    notices: list[NoticeRow]
    colleagues: list[Person]
    others: list[str]
    names: dict[str, str]

    @property
    def seen(self) -> int:
        """The last thing that happened."""
        return max((event.id for event in self.events), default=0)

    def since(self, seen: int | None) -> list[Event]:
        """What happened after an event; nothing for None."""
        return [event for event in self.events if seen is not None and event.id > seen]


def look(conn: Connection, id: UUID, actor: Actor, pack: CityPack, address: str) -> Sight:
    """Raises `NotFound` for a case that this person may not see."""
    case = visible(store.find_case(conn, id), actor)
    departments = list(actor.departments) if actor.departments else None
    events = store.list_events(conn, id)
    questions = asking.list_questions_of_case(conn, id)
    sight = Sight(
        case=case,
        segments=store.list_segments(conn, case.interaction_id),
        events=events,
        attachments=list_attachments(conn, id),
        similar=store.list_similar(conn, id, departments, SIMILAR),
        questions=questions,
        proposals=proposals(conn, case, pack),
        children=store.list_children(conn, id),
        relatives=_relatives(conn, case, actor),
        notices=list_notices(conn, NoticeFilter(case_id=id), None, NOTICES),
        colleagues=staff_of(conn, case.agency_id, case.department) if case.agency_id else [],
        others=[one.name for one in look_at(conn, id, actor.name, actor.display_name or "")],
        names=display_names(conn, _people(case, events, questions)),
    )
    evidence = {str(one.id) for found in sight.proposals for one in found.evidence}
    shown = sorted(evidence | {str(one.id) for one in sight.similar})
    audit.record(conn, actor, "read_case", address=address, case_id=id, cases=shown)
    return sight


def _people(
    case: Case, events: list[Event], questions: list[asking.Cooperation]
) -> list[str | None]:
    return [
        *(event.actor for event in events),
        *(event.data.get("assignee") for event in events),
        *(one.asked_by for one in questions),
        *(one.answered_by for one in questions),
        *(case.assignee, case.submitted_by),
    ]


def _relatives(conn: Connection, case: Case, actor: Actor) -> dict[str, Case]:
    """The case it was merged into and the one it goes back to, if this person may see them."""
    found = {}
    for name, id in (("parent", case.parent_id), ("previous", case.previous_id)):
        if id is not None:
            try:
                found[name] = visible(store.find_case(conn, id), actor)
            except NotFound:
                continue
    return found


def days(case: Case, pack: CityPack) -> list[account.DayCount]:
    """The clock's account; none where the city's published table gives the period."""
    if pack.petitions.named(case.petition_kind).length is None:
        return []
    length = period(pack, case.petition_kind)
    return account.day_by_day(calendar(pack), length, case.received_at, case.closed_pauses)


def writer(language: str, pack: CityPack) -> partial[str]:
    """Writes a time (`datetime`) as pages do."""
    zone = ZoneInfo(pack.timezone)
    return partial(_written, language, zone)


def _written(language: str, zone: ZoneInfo, time: datetime) -> str:
    return moment(time, language, zone)
