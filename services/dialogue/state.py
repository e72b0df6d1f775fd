"""What is remembered of a call between two turns. All of it is in Postgres, none in a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from services.city.dialogue import Language

Step = Literal["ask", "transfer", "connected", "ended"]
Slot = Literal[
    "matter",
    "danger",
    "detail",
    "road",
    "place",
    "bus",
    "confirm",
    "helped",
    "more",
    "message",
    "language",
]
Outcome = Literal["answered", "reported", "transferred", "staff", "abandoned"]
Target = Literal["emergency", "agency", "person", "interpreter"]
RANK: tuple[Outcome, ...] = ("reported", "transferred", "staff", "answered", "abandoned")
"""A call that came to several of these counts as the first."""
USABLE_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that the caller wants, as understood so far. The words are masked."""

    said: tuple[str, ...] = ()
    service: str | None = None
    kind: str | None = None
    urgency: str = "normal"
    district: str | None = None
    place: str | None = None
    """The dong that the words name; `dong` is what a screen sent."""
    agency: str | None = None
    agency_name: str | None = None
    confidence: float = 0.0
    emergency: str | None = None
    """Id of the agency to call first."""
    missing: tuple[Slot, ...] = ()
    """What routing still lacks, in the order to ask for it."""
    menu_service: str | None = None
    lat: float | None = None
    lon: float | None = None
    dong: str | None = None
    address: str | None = None
    photos: tuple[str, ...] = ()
    """Ids of files sent beforehand."""
    model_version: str | None = None
    reasons: tuple[Mapping[str, str], ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.said)

    @property
    def usable(self) -> bool:
        """Whether there is anything here that an agency could act on."""
        return bool(self.menu_service) or sum(map(str.isalnum, self.text)) >= USABLE_LETTERS


@dataclass(frozen=True, slots=True)
class Transfer:
    """A connection that the ARS was told to make and has not told the result of."""

    target: Target
    agency: str
    """As the directive names it."""
    number: str | None
    tries: int = 1


@dataclass(frozen=True, slots=True)
class Filed:
    id: str
    receipt_number: str
    due_at: str


@dataclass(frozen=True, slots=True)
class CallState:
    step: Step = "ask"
    slot: Slot = "matter"
    language: Language = "ko"
    matter: Matter = Matter()
    pending: tuple[Matter, ...] = ()
    asked: tuple[Slot, ...] = ()
    """Slots asked for in this matter; none is asked for twice."""
    in_vain: tuple[Slot, ...] = ()
    no_matches: int = 0
    silences: int = 0
    abuse: int = 0
    rounds: int = 0
    """How often the current matter was read back without a yes."""
    transfer: Transfer | None = None
    connected: tuple[str, ...] = ()
    """Agencies that answered, as the directives named them."""
    outcomes: tuple[Outcome, ...] = ()
    mode: Literal["undecided", "answered", "reported", "transferred"] = "undecided"
    emergency: bool = False
    filed: tuple[Filed, ...] = ()
    screen_rev: int = 0
    screen: Mapping[str, Any] = field(default_factory=dict)
    spoken: tuple[Mapping[str, Any], ...] = ()
    """The last question and what was said before it, to be said again on request."""

    @property
    def outcome(self) -> Outcome:
        return next((one for one in RANK if one in self.outcomes), "abandoned")

    def as_json(self) -> dict[str, Any]:
        return {
            **_fields(self),
            "matter": _fields(self.matter),
            "pending": [_fields(one) for one in self.pending],
            "transfer": _fields(self.transfer) if self.transfer else None,
            "filed": [_fields(one) for one in self.filed],
        }


def _fields(value: CallState | Matter | Transfer | Filed) -> dict[str, Any]:
    """One level of `asdict`, without its copies: what is inside is never changed."""
    return {name: getattr(value, name) for name in value.__slots__}


def from_json(data: Mapping[str, Any]) -> CallState:
    """The state that `as_json` gave."""
    lists = ("asked", "in_vain", "connected", "outcomes", "spoken")
    return CallState(
        **{
            **data,
            **{name: tuple(data[name]) for name in lists},
            "matter": _matter(data["matter"]),
            "pending": tuple(map(_matter, data["pending"])),
            "transfer": Transfer(**data["transfer"]) if data["transfer"] else None,
            "filed": tuple(Filed(**row) for row in data["filed"]),
        }
    )


def _matter(data: Mapping[str, Any]) -> Matter:
    lists = ("said", "missing", "reasons", "photos")
    return Matter(**{**data, **{name: tuple(data.get(name, ())) for name in lists}})
