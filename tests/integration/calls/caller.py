"""A caller and its ARS in one: posts turns over HTTP and looks at what comes back."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from tests.integration.api.town import Answer, Town

_numbers = itertools.count(1)


@dataclass(slots=True)
class Caller:
    town: Town
    id: str
    opening: dict[str, Any]
    seq: int = 0
    rev: int = 1

    @classmethod
    def dial(cls, town: Town, who: str = "channel") -> Caller:
        body = {
            "call_id": f"call-{next(_numbers)}",
            "caller_hash": "sha256:0123456789abcdef",
            "notices": {"recording": True, "ai": True},
        }
        answer = town.post("/v1/calls", who, body)
        assert answer.status_code == 201, answer.text
        return cls(town, answer.json()["id"], answer.json())

    def post(self, body: dict[str, Any], seq: int | None = None, who: str = "channel") -> Answer:
        turn = {"turn_seq": seq if seq is not None else self.seq + 1, **body}
        return self.town.post(f"/v1/calls/{self.id}/turns", who, turn)

    def turn(self, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.post(body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        self.seq, self.rev = told["turn_seq"], told["meta"]["screen_rev"]
        return told

    def say(self, text: str, confidence: float = 0.9) -> dict[str, Any]:
        return self.turn(speech(text, confidence))

    def end(self) -> dict[str, Any]:
        answer = self.town.post(f"/v1/calls/{self.id}/end", "channel")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


def speech(text: str, confidence: float = 0.9) -> dict[str, Any]:
    return {"event": "speech", "speech": {"text": text, "confidence": confidence}}


def marks(directives: list[dict[str, Any]]) -> list[str]:
    """Each directive by its type and what tells it apart."""
    telling = {"ask": "slot", "transfer": "agency", "hangup": "reason"}
    return [
        f"{one['type']}:{one[telling[one['type']]]}" if one["type"] in telling else one["type"]
        for one in directives
    ]
