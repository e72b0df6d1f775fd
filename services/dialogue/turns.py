"""The bodies that an ARS posts during a call, and nothing beyond them."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.intake.payload import MAX_UPLOADS, Confidence, Location, Name, Strict, Text

Event = Literal["speech", "dtmf", "visual_tap", "no_input", "no_match", "transfer_result", "hangup"]
MAX_TURNS = 1_000
"""A call of more turns is a loop in the ARS."""
BLOCKS: dict[Event, str] = {
    "speech": "speech",
    "dtmf": "dtmf",
    "visual_tap": "tap",
    "transfer_result": "transfer",
}


class Notices(Strict):
    """What the caller was told before this interface was asked."""

    recording: bool
    ai: bool


class CallIn(Strict):
    """A call that has been answered. `caller_hash` is the ARS's own; never a number."""

    call_id: Name
    caller_hash: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_=+/:-]{8,128}$")] | None = (
        None
    )
    dnis: Annotated[str, StringConstraints(pattern=r"^\+?[0-9-]{1,20}$")] | None = None
    notices: Notices

    @model_validator(mode="after")
    def _no_number(self) -> CallIn:
        """A telephone number, or its short sha-less form, is refused in place of a hash."""
        if self.caller_hash and self.caller_hash.lstrip("+").replace("-", "").isdigit():
            raise PydanticCustomError("invalid_field", "a caller is named by a hash, not a number")
        return self


class Guess(Strict):
    text: Text
    confidence: Confidence | None = None


class Speech(Strict):
    text: Text
    confidence: Confidence | None = None
    nbest: Annotated[list[Guess | Text], Field(max_length=10)] | None = None

    def others(self) -> tuple[str, ...]:
        """What else the recogniser may have heard, likeliest first."""
        return tuple(g if isinstance(g, str) else g.text for g in self.nbest or ())


class Dtmf(Strict):
    digits: Annotated[str, StringConstraints(pattern=r"^[0-9*#]{1,32}$")]


class TapForm(Location):
    """What the caller filled in on the screen; `attachments` are ids of files sent beforehand."""

    text: Text | None = None
    attachments: Annotated[
        tuple[Annotated[UUID, Field(strict=False)], ...],
        Field(strict=False, max_length=MAX_UPLOADS),
    ] = ()


class Tap(Strict):
    node_id: Name
    screen_rev: Annotated[int, Field(ge=0)]
    form: TapForm | None = None


class TransferResult(Strict):
    agency: Name
    result: Literal["answered", "busy", "no_answer"]
    ring_s: Annotated[float, Field(ge=0, le=3_600)] | None = None


class TurnIn(Strict):
    """One turn, with the block that its event is named for."""

    turn_seq: Annotated[int, Field(ge=1, le=MAX_TURNS)]
    event: Event
    deadline_ms: Annotated[int, Field(ge=1, le=60_000)] | None = None
    speech: Speech | None = None
    dtmf: Dtmf | None = None
    tap: Tap | None = None
    transfer: TransferResult | None = None

    @model_validator(mode="after")
    def _fits_event(self) -> TurnIn:
        given = [name for name in BLOCKS.values() if getattr(self, name) is not None]
        wanted = [BLOCKS[self.event]] if self.event in BLOCKS else []
        if given != wanted:
            raise PydanticCustomError(
                "invalid_field", "exactly the block named for the event must be present"
            )
        return self


class EndIn(Strict):
    """How the call ended, as far as the ARS knows."""

    reason: Annotated[str, StringConstraints(max_length=100)] | None = None
