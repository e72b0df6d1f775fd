"""What an action needs to be told. Unknown fields are refused."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
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


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Nothing(Order):
    """For actions that need no word."""


class Note(Order):
    text: Words


class Reason(Order):
    reason: Words


class Correct(Order):
    service: Name | None = None
    kind: Name | None = None
    urgency: Literal["emergency", "high", "normal"] | None = None

    @model_validator(mode="after")
    def _something(self) -> Correct:
        if not (self.service or self.kind or self.urgency):
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


class Ask(Order):
    """A request to the citizen or to another unit."""

    text: Words


class Submit(Order):
    reply: Words
    outcome: ResolutionOutcome


class Resolve(Order):
    """A reply and outcome replace those submitted; without approval both must be given."""

    reply: Words | None = None
    outcome: ResolutionOutcome | None = None


class Decide(Order):
    service: Name
    agency: Name
    department: Name | None = None
