"""What callers are shown of a case, by who they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.cases import account
from services.cases.case import KINDS, URGENCIES, Case, Event
from services.cases.deadline import calendar
from services.cases.proposals import Proposal
from services.cases.reminders.store import Late
from services.cases.states import NAMES
from services.cases.store import Similar
from services.cases.templates.store import ReplyTemplate
from services.city import CityPack
from services.intake.store import Attachment, Upload


def for_channel(case: Case, pack: CityPack) -> dict[str, Any]:
    """A complaint for the program that filed it: where it went and why, not who works on it."""
    return {
        "id": str(case.id),
        "receipt_number": case.receipt_number,
        "status": case.state,
        "received_at": case.received_at,
        "service": case.service,
        "services": case.candidates,
        "kind": case.kind,
        "urgency": URGENCIES[case.urgency] if case.service else None,
        "district": case.district,
        "road_class": case.road_class,
        "agency": agency_name(case, pack),
        "department": case.department,
        "due_at": local(case.due_at, pack),
        "confidence": case.confidence,
        "decision": case.decision,
        "reasons": case.reasons,
        "model_version": case.model_version,
    }


def for_staff(case: Case, pack: CityPack) -> dict[str, Any]:
    return {
        **for_channel(case, pack),
        **clock(case, pack, datetime.now(UTC)),
        "state": case.state,
        "state_name": NAMES[case.state],
        "version": case.version,
        "channel": case.channel,
        "title": case.title,
        "text": case.text,
        "location": {
            "lat": case.lat,
            "lon": case.lon,
            "address": case.address,
            "dong": case.dong,
        },
        "service_name": _service_name(case.service, pack),
        "kind_name": KINDS.get(case.kind or ""),
        "petition_kind": case.petition_kind,
        "parent_id": _text(case.parent_id),
        "previous_id": _text(case.previous_id),
        "bound": case.bound,
        "waits_until": case.waits_until,
        "extensions": case.extensions,
        "extended_to": case.extended_to,
        "handover_due_at": case.handover_due_at,
        "submitted_by": case.submitted_by,
        "outcome_reason": case.outcome_reason,
        "remedy": case.remedy,
        "officer": case.officer,
        "assignee": case.assignee,
        "bounces": case.bounces,
        "reply": case.reply,
        "outcome": case.outcome,
        "close_reason": case.close_reason,
        "occurred_at": case.occurred_at,
        "triaged_at": case.triaged_at,
        "first_response_at": case.first_response_at,
        "resolved_at": case.resolved_at,
        "closed_at": case.closed_at,
        "updated_at": case.updated_at,
    }


def clock(case: Case, pack: CityPack, now: datetime) -> dict[str, Any]:
    """What is left of the case's time, in working minutes and in words, and why."""
    left = account.of_case(case, calendar(pack), now)
    return {
        "remaining": left.as_json() if left else None,
        "overdue": bool(left and left.late),
        "due_reason": account.due_reason(case, pack),
    }


def local(time: datetime | None, pack: CityPack) -> datetime | None:
    """In the city's own zone: what people read is not in another."""
    return time.astimezone(ZoneInfo(pack.timezone)) if time else None


def for_review(case: Case, pack: CityPack) -> dict[str, Any]:
    """A case for the triage desk, with the three likeliest services by name."""
    top = [
        {"service": code, "name": _service_name(code, pack), "probability": probability}
        for code, probability in case.candidates[:3]
    ]
    return {**for_staff(case, pack), "top": top}


_CITIZEN_STATES = {
    "received": "접수되었습니다.",
    "review": "담당 기관을 확인하고 있습니다.",
    "routed": "담당 기관에 배부되었습니다.",
    "assigned": "담당자가 지정되었습니다.",
    "in_progress": "처리하고 있습니다.",
    "supplement": "보완이 필요하여 민원인의 회신을 기다리고 있습니다.",
    "field_survey": "현장을 조사하고 있습니다.",
    "cooperation": "관계 부서와 협의 중입니다.",
    "approval": "처리 결과를 결재 중입니다.",
    "reroute_requested": "담당 기관을 다시 확인하고 있습니다.",
    "arbitration": "소관 기관을 조정하고 있습니다.",
    "resolved": "민원 처리가 완료되었습니다.",
    "closed": "종결되었습니다.",
    "transferred_out": "소관 기관으로 이송되었습니다.",
}
_SHOWN_STEPS = (
    frozenset({"receive", "route", "decide", "arbitrate", "claim", "assign", "start", "supplement"})
    | {"field-survey", "resume", "approve", "resolve", "transfer-out", "close", "withdraw"}
    | {"finish", "answer-supplement", "merge", "extend", "reopen"}
)


def for_citizen(case: Case, events: Sequence[Event], pack: CityPack) -> dict[str, Any]:
    """A case in plain words for whoever holds its lookup code; the text itself is not repeated."""
    result = case.state in ("resolved", "closed") and case.reply is not None
    return {
        "receipt_number": case.receipt_number,
        "status": case.state,
        "status_name": NAMES[case.state],
        "message": _CITIZEN_STATES.get(case.state, NAMES[case.state]),
        "received_at": case.received_at,
        "due_at": local(case.due_at, pack),
        "service": _service_name(case.service, pack),
        "agency": agency_name(case, pack) if case.state not in ("received", "review") else None,
        "department": case.department if case.state not in ("received", "review") else None,
        "reply": case.reply if result else None,
        "outcome": case.outcome if result else None,
        "outcome_reason": case.outcome_reason if result else None,
        "remedy": case.remedy if result else None,
        "officer": case.officer if result else None,
        "close_reason": case.close_reason,
        "answer_by": case.waits_until if case.state == "supplement" else None,
        "resolved_at": case.resolved_at,
        "timeline": [
            {"at": event.at, "status": event.to_state, "status_name": NAMES[event.to_state]}
            for event in events
            if event.action in _SHOWN_STEPS
        ],
    }


def event(item: Event) -> dict[str, Any]:
    return {
        "id": item.id,
        "at": item.at,
        "actor": item.actor,
        "action": item.action,
        "from_state": item.from_state,
        "to_state": item.to_state,
        "data": item.data,
    }


def similar(item: Similar) -> dict[str, Any]:
    return {
        "id": str(item.id),
        "receipt_number": item.receipt_number,
        "state": item.state,
        "service": item.service,
        "text": item.text,
        "reply": item.reply,
        "outcome": item.outcome,
        "resolved_at": item.resolved_at,
        "similarity": round(item.similarity, 4),
    }


def late(item: Late, pack: CityPack) -> dict[str, Any]:
    agency = pack.agencies.get(item.agency_id or "")
    return {
        "id": str(item.case_id),
        "receipt_number": item.receipt_number,
        "agency": agency.name if agency else None,
        "department": item.department,
        "state": item.state,
        "due_at": local(item.due_at, pack),
        "resolved_at": local(item.resolved_at, pack),
    }


def template(item: ReplyTemplate, pack: CityPack) -> dict[str, Any]:
    agency = pack.agencies.get(item.agency_id)
    return {
        "id": str(item.id),
        "agency": agency.name if agency else None,
        "department": item.department,
        "service": item.service,
        "name": item.name,
        "text": item.text,
        "example": False,
        "updated_at": item.updated_at,
    }


def upload(item: Upload) -> dict[str, Any]:
    return {
        "id": str(item.id),
        "name": item.name,
        "media_type": item.media_type,
        "bytes": item.size,
        "sha256": item.sha256.hex(),
    }


def attachment(item: Attachment) -> dict[str, Any]:
    return {
        "id": str(item.id),
        "name": item.name,
        "media_type": item.media_type,
        "bytes": item.size,
        "sha256": item.sha256.hex(),
        "created_at": item.created_at,
    }


def _text(id: UUID | None) -> str | None:
    return str(id) if id else None


def proposal(item: Proposal) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "law": item.law,
        "people": item.people,
        "notices": item.notices,
        "evidence": [
            {
                "id": str(one.id),
                "receipt_number": one.receipt_number,
                "state": one.state,
                "received_at": one.received_at,
                "same_person": one.same_person,
                "same_place": one.same_place,
                "similarity": round(one.similarity, 4),
                "notified": one.notified,
            }
            for one in item.evidence
        ],
    }


def agency_name(case: Case, pack: CityPack) -> str | None:
    agency = pack.agencies.get(case.agency_id or "")
    return agency.name if agency else None


def _service_name(code: str | None, pack: CityPack) -> str | None:
    service = pack.services.get(code or "")
    return service.name if service else None
