"""A case and a situation to try steps on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.access.actor import Actor
from services.cases import orders
from services.cases.case import Case
from services.cases.deadline import statutory_clock
from services.cases.situation import Situation
from services.city import CityPack

MONDAY = datetime(2026, 8, 3, 1, 0, tzinfo=UTC)
"""10:00 in Gwangju, with no public holiday in the two weeks that follow but 17 August."""

ORDERS: dict[str, orders.Order] = {
    "decide": orders.Decide(service="streetlight", agency="북구청"),
    "arbitrate": orders.Decide(service="streetlight", agency="북구청"),
    "transfer-out": orders.TransferOut(reason="소관 아님", agency="119"),
    "assign": orders.Assign(assignee="team-1"),
    "note": orders.Note(text="현장 확인 예정"),
    "correct": orders.Correct(service="park-green"),
    "reroute": orders.Reroute(reason="소관 아님"),
    "supplement": orders.Supplement(text="위치를 알려 주세요"),
    "answer-supplement": orders.Note(text="3번 가로등입니다"),
    "cooperate": orders.Cooperate(text="자료를 주세요", department="건설과"),
    "answer-cooperation": orders.Note(text="자료입니다"),
    "add": orders.Note(text="한 군데 더 있습니다"),
    "reassign": orders.Assign(assignee="team-2"),
    "finish": orders.Delivery(delivered=True),
    "extend": orders.Extend(reason="현장 확인", until=MONDAY + timedelta(hours=2)),
    "close": orders.Close(reason="repeat", text="같은 내용으로 두 번 회신함"),
    "merge": orders.Merge(into="20260803-0000002"),
    "submit": orders.Submit(reply="고쳤습니다", outcome="accepted"),
    "return": orders.Reason(reason="보완 필요"),
    "resolve": orders.Resolve(reply="고쳤습니다", outcome="accepted"),
    "withdraw": orders.Reason(reason="취하"),
    "reopen": orders.Reason(reason="착오"),
}
"""One that fits, for each action that needs a word."""


def a_case(**changes: Any) -> Case:
    id = UUID("01890000-0000-7000-8000-000000000001")
    case = Case(
        id=id,
        interaction_id=id,
        receipt_number="20260803-0000001",
        client="test",
        channel="web",
        state="routed",
        version=1,
        title=None,
        text="가로등이 고장 났어요",
        lat=None,
        lon=None,
        address=None,
        dong=None,
        service="streetlight",
        kind="report",
        urgency=2,
        district="북구",
        road_class=None,
        agency_id="bukgu",
        department="시설지원과",
        confidence=0.9,
        candidates=[["streetlight", 0.9]],
        reasons=[],
        decision="route",
        model_version="test",
        petition_kind="other",
        assignee=None,
        bounces=0,
        reply=None,
        outcome=None,
        outcome_reason=None,
        remedy=None,
        officer=None,
        submitted_by=None,
        close_reason=None,
        parent_id=None,
        previous_id=None,
        bound=False,
        paused_since=None,
        pauses=[],
        waits_until=None,
        survey_until=None,
        survey_extended=False,
        extensions=0,
        extended_at=None,
        extended_to=None,
        handover_due_at=None,
        occurred_at=MONDAY,
        received_at=MONDAY,
        due_at=MONDAY,
        triaged_at=MONDAY,
        first_response_at=None,
        resolved_at=None,
        closed_at=None,
        updated_at=MONDAY,
    )
    return replace(case, **changes)


def situation(
    pack: CityPack, role: str = "staff", now: datetime = MONDAY, agency: str | None = None
) -> Situation:
    return Situation(Actor("k1", role, "test", agency), now, pack, statutory_clock(pack))


def order_for(action: str) -> orders.Order:
    return ORDERS.get(action, orders.Nothing())
