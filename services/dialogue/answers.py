"""The answer to a turn, in the fields of the published interface."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.city import CityPack
from services.dialogue.speaking import Directive, Speaker
from services.dialogue.state import CallState, Matter
from services.dialogue.turns import TurnIn
from services.dialogue.understanding import Heard


def answer(
    turn_seq: int,
    before: CallState,
    state: CallState,
    heard: Heard,
    directives: Sequence[Directive],
    began: float,
) -> dict[str, Any]:
    """The answer to a turn that led from `before` to `state`; `server_ms` up to this line."""
    matter = state.matter if state.matter != Matter() else heard.matter or before.matter
    case = state.filed[-1] if state.filed else None
    return {
        "turn_seq": turn_seq,
        "directives": list(directives),
        "dialog": _dialog(state, matter),
        "decision": {
            "mode": state.mode,
            "service": matter.service,
            "agency": matter.agency_name,
            "confidence": matter.confidence,
            "model_version": matter.model_version,
            "reasons": [dict(reason) for reason in matter.reasons],
        },
        "safety": {"emergency": state.emergency, "abuse_level": state.abuse},
        "case": {"id": case.id, "receipt_number": case.receipt_number, "due_at": case.due_at}
        if case
        else None,
        "meta": _meta(state.screen_rev, heard.degraded, began, stored=True),
    }


def degraded(pack: CityPack, turn: TurnIn, emergency: str | None, began: float) -> dict[str, Any]:
    """An answer for which nothing could be stored: rules alone. Post the same turn again."""
    speaker = Speaker(pack, "ko")
    directives: list[Directive] = [speaker.say("say_hold")]
    if emergency is not None:
        transfer = speaker.target("emergency", emergency)
        said = speaker.say("say_emergency", owner=transfer.agency)
        directives = [said, speaker.transfer(transfer, "")]
    state = CallState(mode="transferred" if emergency else "undecided")
    return {
        "turn_seq": turn.turn_seq,
        "directives": [
            {"type": one["type"], "id": f"{turn.turn_seq}-d{n}", **one}
            for n, one in enumerate(directives, 1)
        ],
        "dialog": _dialog(state, Matter()),
        "decision": {
            "mode": "undecided",
            "service": None,
            "agency": None,
            "confidence": 0.0,
            "model_version": None,
            "reasons": [],
        },
        "safety": {"emergency": emergency is not None, "abuse_level": 0},
        "case": None,
        "meta": _meta(0, True, began, stored=False),
    }


def current(turn_seq: int, state: CallState, ended_at: datetime | None) -> dict[str, Any]:
    """A call as it stands, for an ARS that lost step: without a word of what was said."""
    return {
        "turn_seq": turn_seq,
        "step": state.step,
        "dialog": _dialog(state, state.matter),
        "decision_mode": state.mode,
        "outcome": state.outcome if ended_at else None,
        "ended_at": ended_at.isoformat() if ended_at else None,
        "screen_rev": state.screen_rev,
        "question": state.spoken[-1].get("prompt") if state.spoken else None,
    }


def _dialog(state: CallState, matter: Matter) -> dict[str, Any]:
    return {
        "intent": matter.kind,
        "slot": state.slot if state.step == "ask" else None,
        "slots": {
            "service": matter.service,
            "urgency": matter.urgency if matter.service else None,
            "dong": matter.dong or matter.place,
            "district": matter.district,
        },
        "missing": [slot for slot in matter.missing if slot not in state.asked],
        "retries": state.no_matches + state.silences,
    }


def _meta(screen_rev: int, degraded: bool, began: float, *, stored: bool) -> dict[str, Any]:
    return {
        "server_ms": round((time.perf_counter() - began) * 1000, 2),
        "degraded": degraded,
        "stored": stored,
        "screen_rev": screen_rev,
    }
