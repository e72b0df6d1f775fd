"""What an action needs to be told. Unknown fields are refused."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.intake.masking import mask
from services.intake.normalise import normalise

ResolutionOutcome = Literal["accepted", "partly", "not_accepted"]


def _clean(text: str) -> str:
    cleaned = mask(normalise(text)).text
    if not cleaned:
        raise PydanticCustomError("empty_text", "there is no text here")
    return cleaned


Words = Annotated[str, Field(max_length=20_000), AfterValidator(_clean)]
"""Text written by staff: normalised, with personal data masked as in a complaint."""

Name = Annotated[str, Field(min_length=1, max_length=100)]


Time = Annotated[AwareDatetime, Field(strict=False)]


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Nothing(Order):
    """For actions that need no word."""


class Note(Order):
    text: Words


class Reason(Order):
    reason: Words


class Correct(Order):
    """`kind` is what triage told apart (신고, 불편); `petition_kind` the law's, with its period.

    A new `kind` brings the petition kind of its channel, unless that is named too.
    """

    service: Name | None = None
    kind: Name | None = None
    petition_kind: Name | None = None
    urgency: Literal["emergency", "high", "normal"] | None = None

    @model_validator(mode="after")
    def _something(self) -> Correct:
        if not (self.service or self.kind or self.petition_kind or self.urgency):
            raise PydanticCustomError("invalid_field", "name a service, kind or urgency")
        return self


class Reroute(Order):
    reason: Words
    suggested_agency: Name | None = None


class Assign(Order):
    assignee: Name


class TransferOut(Order):
    reason: Words
    agency: Name | None = None


class Supplement(Order):
    """A request to the citizen; without `until`, the city's usual time to answer."""

    text: Words
    until: Time | None = None


class Cooperate(Order):
    """A question to a department, of the own agency if no other is named; of another agency, to the
    one that the service belongs to there if none is named.
    """

    text: Words
    department: Name | None = None
    agency: Name | None = None
    due_at: Time | None = None


class Extend(Order):
    reason: Words
    until: Time
    consent: bool = False


class Resolve(Order):
    """An answer; what is given replaces what was submitted. A refusal has a reason and a remedy."""

    reply: Words | None = None
    outcome: ResolutionOutcome | None = None
    reason: Words | None = None
    remedy: Words | None = None
    officer: Name | None = None


class Submit(Resolve):
    reply: Words
    outcome: ResolutionOutcome


class Close(Order):
    """An end without an answer: 반복(제23조), 예외(제21조), 반려."""

    reason: Literal["repeat", "exception", "returned"]
    text: Words


class Delivery(Order):
    """The end after an answer, by the system: did a notice reach the citizen?"""

    delivered: bool


class Merge(Order):
    """`into` is a case's id or its receipt number."""

    into: Name


class Decide(Order):
    service: Name
    agency: Name
    department: Name | None = None
