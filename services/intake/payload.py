"""The bodies that channels post, and nothing beyond them: unknown fields are refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from services.errors import InvalidField
from services.intake.normalise import MAX_CHARACTERS, normalise

FUTURE_ALLOWED = timedelta(minutes=5)
MAX_UPLOADS = 5
"""Files of one case: enough for a place from all sides, few enough for a clerk to look through."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_TIME = TypeAdapter(AwareDatetime)
_DATE_AND_HOUR = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", re.ASCII)


def _time(value: object, info: ValidationInfo) -> datetime:
    """An RFC 3339 time with its zone, not before 2000 nor more than five minutes ahead."""
    if not isinstance(value, str) or not _DATE_AND_HOUR.match(value):
        raise PydanticCustomError("invalid_timestamp", "a time is a string as in RFC 3339")
    try:
        time = _TIME.validate_python(value)
    except ValidationError as error:
        if error.errors()[0]["type"] == "timezone_aware":
            raise PydanticCustomError("timezone_required", "a time needs its zone") from None
        raise PydanticCustomError("invalid_timestamp", "not a time as in RFC 3339") from None
    latest = (info.context or {})["now"] + FUTURE_ALLOWED
    if not EARLIEST <= time <= latest:
        raise PydanticCustomError("invalid_timestamp", "a time out of the range we accept")
    return time


Time = Annotated[datetime, BeforeValidator(_time)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Confidence = Annotated[float, Field(ge=0, le=1)]


def _text(value: object) -> object:
    if isinstance(value, str) and len(value) > MAX_CHARACTERS:
        raise PydanticCustomError("text_too_long", "a text has at most 20,000 characters")
    return normalise(value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_text)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Segment(Strict):
    speaker: Literal["caller", "agent"]
    text: Text
    start_ms: Annotated[int, Field(ge=0, le=86_400_000)] = 0
    end_ms: Annotated[int, Field(ge=0, le=86_400_000)] = 0
    confidence: Confidence | None = None


class Transcript(Strict):
    text: Text | None = None
    segments: Annotated[list[Segment], Field(max_length=2_000)] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Transcript:
        if (self.text is None) == (self.segments is None):
            raise PydanticCustomError("invalid_field", "either text or segments, not both")
        return self


class Voice(Strict):
    call_id: Name
    started_at: Time | None = None
    ended_at: Time | None = None
    transcript: Transcript
    engine: Name | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Voice:
        if self.started_at and self.ended_at and self.ended_at < self.started_at:
            raise PydanticCustomError("invalid_timestamp", "a call ends after it starts")
        return self

    def caller_text(self) -> str:
        """What the caller said, turn by turn on lines of its own."""
        if self.transcript.text is not None:
            return self.transcript.text
        turns = [part.text for part in self.transcript.segments or [] if part.speaker == "caller"]
        return "\n".join(turn for turn in turns if turn)


class VisualArs(Strict):
    session_id: Name
    menu_version: Name
    path: Annotated[list[Name], Field(max_length=20)]
    text: Text | None = None


def _upload(value: object) -> object:
    """The bare id of an upload stands for an object with nothing but the id."""
    return {"id": value} if isinstance(value, str) else value


class Attachment(Strict):
    """A file sent beforehand to `/v1/attachments`, by `id`; or a note of one kept elsewhere."""

    id: Annotated[UUID, Field(strict=False)] | None = None
    name: Name | None = None
    media_type: Name | None = None
    bytes: Annotated[int, Field(ge=0)] | None = None
    url: Annotated[str, StringConstraints(max_length=2_000)] | None = None

    @model_validator(mode="after")
    def _named(self) -> Attachment:
        if self.id is None and self.name is None:
            raise PydanticCustomError("invalid_field", "an attachment has its id or its name")
        return self


class Web(Strict):
    title: Text | None = None
    body: Text
    attachments: Annotated[
        list[Annotated[Attachment, BeforeValidator(_upload)]], Field(max_length=10)
    ] = []

    @model_validator(mode="after")
    def _few_enough(self) -> Web:
        if len(self.uploads()) > MAX_UPLOADS:
            raise PydanticCustomError("invalid_field", "a case takes at most 5 files")
        return self

    def uploads(self) -> list[UUID]:
        """Ids of the files that were sent beforehand, each once."""
        return list(dict.fromkeys(item.id for item in self.attachments if item.id))


class Location(Strict):
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    address: Annotated[Text, Field(max_length=300)] | None = None
    dong: Annotated[Text, Field(max_length=50)] | None = None

    @model_validator(mode="after")
    def _both(self) -> Location:
        if (self.lat is None) != (self.lon is None):
            raise PydanticCustomError("invalid_field", "lat and lon come together")
        return self


class Contact(Strict):
    name: Annotated[str, StringConstraints(max_length=100)] | None = None
    phone: Annotated[str, StringConstraints(max_length=50)] | None = None
    email: Annotated[str, StringConstraints(max_length=254)] | None = None
    reply_by: Literal["sms", "email", "phone", "none"] = "none"


class Consent(Strict):
    privacy: bool
    ai_notice: bool


class ComplaintIn(Strict):
    """A complaint from one channel, with the block that the channel is named for."""

    channel: Literal["voice", "visual_ars", "web"]
    external_id: Name | None = None
    occurred_at: Time | None = None
    voice: Voice | None = None
    visual_ars: VisualArs | None = None
    web: Web | None = None
    location: Location | None = None
    contact: Contact | None = None
    consent: Consent | None = None

    @model_validator(mode="after")
    def _fits_channel(self) -> ComplaintIn:
        blocks = {"voice": self.voice, "visual_ars": self.visual_ars, "web": self.web}
        given = [name for name, block in blocks.items() if block is not None]
        if given != [self.channel]:
            raise PydanticCustomError(
                "channel_mismatch", "exactly the block named by channel must be present"
            )
        text, silent = self.text(), self.is_silent_call()
        if len(text) > MAX_CHARACTERS:
            raise PydanticCustomError("text_too_long", "a text has at most 20,000 characters")
        if not text and not silent and not (self.visual_ars and self.visual_ars.path):
            raise PydanticCustomError("empty_text", "there is no text in this complaint")
        return self

    def text(self) -> str:
        """The citizen's own words; empty for a bare menu path or a silent call."""
        if self.voice is not None:
            return self.voice.caller_text()
        if self.visual_ars is not None:
            return self.visual_ars.text or ""
        return self.web.body if self.web else ""

    def is_silent_call(self) -> bool:
        """True for a recognised call in which the caller said nothing."""
        voice = self.voice
        return voice is not None and voice.transcript.text is None and not voice.caller_text()


_CODES = {
    "extra_forbidden": "unknown_field",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
}
_OURS = frozenset(
    {
        "invalid_timestamp",
        "timezone_required",
        "text_too_long",
        "empty_text",
        "channel_mismatch",
    }
)


def parse(body: Any, now: datetime) -> ComplaintIn:
    """The complaint in a parsed JSON body; raises `InvalidField` with the code for what is wrong.

    A body may have several faults; a block that does not fit the channel is named first.
    """
    if isinstance(body, dict) and _wrong_block(body):
        raise InvalidField(
            "Exactly the block named by channel must be present.", code="channel_mismatch"
        )
    try:
        return ComplaintIn.model_validate(body, context={"now": now})
    except ValidationError as error:
        raise invalid_field(error.errors(include_url=False, include_input=False)) from None


def _wrong_block(body: dict[str, Any]) -> bool:
    given = [name for name in ("voice", "visual_ars", "web") if body.get(name) is not None]
    return body.get("channel") in ("voice", "visual_ars", "web") and given != [body["channel"]]


def invalid_field(faults: Sequence[ErrorDetails]) -> InvalidField:
    """The first fault as an error that repeats nothing the caller sent."""
    fault = faults[0]
    kind = fault["type"]
    code = kind if kind in _OURS else _CODES.get(kind, "invalid_field")
    location = fault["loc"][:-1] if kind == "extra_forbidden" else fault["loc"]
    pointer = "".join(f"/{part}" for part in location)
    message = _MESSAGES.get(code) or _MESSAGES.get(kind) or fault["msg"]
    return InvalidField(message, code=code, pointer=pointer)


_MESSAGES = {
    "model_type": "There should be an object here.",
    "model_attributes_type": "There should be an object here.",
    "unknown_field": "There is a field here that the interface does not know.",
    "out_of_range": "A number is outside the range that the interface allows.",
    "empty_text": "There is no text in this complaint.",
    "text_too_long": f"A text may have at most {MAX_CHARACTERS:,} characters.",
    "timezone_required": "A time needs its zone, as in 2026-01-31T09:00:00+09:00.",
    "invalid_timestamp": "A time must follow RFC 3339 and not lie ahead.",
    "channel_mismatch": "Exactly the block named by channel must be present.",
}
