"""Who is told of an event, and by which way: rules without a clock or a database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.notices.notice import RESULT, Channel, Happening, Planned, State

CITIZEN: Final[Mapping[str, str]] = {
    "receive": "receipt",
    "route": "routed",
    "decide": "routed",
    "arbitrate": "routed",
    "supplement": "supplement",
    "extend": "extension",
    "progress": "progress",
    "transfer-out": "transferred",
    "approve": RESULT,
    "resolve": RESULT,
    "merge": "merged",
    "withdraw": "withdrawn",
}
"""The template of the citizen's notice, by the event's action."""

BY_TELEPHONE: Final = frozenset(
    {"supplement", "extension", "progress", "transferred", RESULT, "merged"}
)
"""What is worth a call; a receipt number was read out on the telephone already."""

STAFF: Final = frozenset({"due_soon", "overdue", "escalated", "handover_late"})
"""Actions of which the case's own people hear, by templates of the same names."""

WEBHOOK_TYPES: Final = ("case.routed", "case.rerouted", "case.due_soon", "case.closed")
_ROUTING = frozenset({"route", "decide", "arbitrate"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an agency's system listens, and for what."""

    id: str
    agency_id: str
    types: Sequence[str]


def plan(
    happenings: Sequence[Happening],
    endpoints: Sequence[Endpoint],
    staff: Mapping[int, Sequence[str]] | None = None,
) -> list[Planned]:
    """The notices of these events, which are in order; `staff` are the people to tell, by event.

    A receipt and the routing that came with it are one notice: nobody wants two in one second.
    """
    routed = {event.case_id for event in happenings if event.action == "route"}
    planned: list[Planned] = []
    for event in happenings:
        template = CITIZEN.get(event.action)
        if template == "receipt" and event.case_id in routed:
            continue
        if event.action == "route" and _received(event, happenings):
            template = "receipt"
        if template is not None:
            planned += _to_citizen(event, template)
        planned += _to_staff(event, (staff or {}).get(event.id, ()))
        planned += _to_agencies(event, endpoints)
    return planned


def _received(event: Happening, happenings: Sequence[Happening]) -> bool:
    return any(e.action == "receive" and e.case_id == event.case_id for e in happenings)


def _to_citizen(event: Happening, template: str) -> Iterator[Planned]:
    way = _way(event.reply_by, template)
    if way is not None:
        channel, state = way
        holder = next((agency for agency, held in event.agencies if held), None)
        yield Planned(event.id, event.case_id, holder, "citizen", channel, "", template, state)


def _way(reply_by: str | None, template: str) -> tuple[Channel, State] | None:
    """The citizen's chosen way; without one the tracking page shows it, which delivers a result."""
    match reply_by:
        case "email":
            return "email", "waiting"
        case "sms":
            return "sms", "waiting"
        case "phone" if template in BY_TELEPHONE:
            return "phone", "task"
        case "phone":
            return None
        case _:
            return ("page", "delivered") if template == RESULT else None


def _to_staff(event: Happening, people: Sequence[str]) -> Iterator[Planned]:
    holder = next((agency for agency, held in event.agencies if held), None)
    for person in dict.fromkeys(people):
        yield Planned(
            event_id=event.id,
            case_id=event.case_id,
            agency_id=holder,
            audience="staff",
            channel="email",
            recipient=person,
            template=event.action,
            state="waiting",
        )


def _to_agencies(event: Happening, endpoints: Sequence[Endpoint]) -> Iterator[Planned]:
    for agency, held in event.agencies:
        type_ = webhook_type(event.action, event.to_state, held=held)
        for endpoint in endpoints:
            if type_ and endpoint.agency_id == agency and type_ in endpoint.types:
                yield Planned(
                    event_id=event.id,
                    case_id=event.case_id,
                    agency_id=agency,
                    audience="agency",
                    channel="webhook",
                    recipient=endpoint.id,
                    template=type_,
                    state="waiting",
                )


def webhook_type(action: str, to_state: str, *, held: bool) -> str | None:
    """The webhook's type for an agency that holds the case, or has just lost it."""
    if not held:
        return "case.rerouted"
    if action in _ROUTING:
        return "case.routed"
    if action == "due_soon":
        return "case.due_soon"
    return "case.closed" if to_state == "closed" else None
