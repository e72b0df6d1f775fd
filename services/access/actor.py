"""Who is asking: a program by its key, or a person by their sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.database import CITY, Scope
from services.errors import Forbidden, TriageError

PERSON = "staff:"
"""Before the id of a person in `Actor.name`; a key's id, which is no UUID, may follow it too."""


class Unauthorized(TriageError):
    """A valid API key is needed: send it as `Authorization: Bearer <key>`."""

    code = "unauthorized"
    status = 401


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in caller. `departments` is None for all departments of the agency.

    A person has a `staff_id` and a `display_name`, which is for pages alone; a program has neither.
    """

    key_id: str
    role: str
    client: str
    agency_id: str | None = None
    departments: tuple[str, ...] | None = None
    staff_id: UUID | None = None
    display_name: str | None = None
    is_manager: bool = False
    may_approve: bool = False
    language: str = "ko"

    @property
    def is_person(self) -> bool:
        return self.staff_id is not None

    @property
    def name(self) -> str:
        """How events and assignments name this caller; never a person's name."""
        if self.staff_id is not None:
            return person(self.staff_id)
        return f"{self.role}:{self.key_id}"

    @property
    def scope(self) -> Scope:
        """The rows this caller may see."""
        if self.role == "channel":
            return Scope("channel", client=self.client)
        if self.agency_id is not None:
            return Scope("agency", agency=self.agency_id)
        return CITY

    def require(self, *roles: str) -> None:
        """Raise `Forbidden` unless the caller has one of `roles`; `admin` may do all but intake."""
        if self.role not in roles and not (self.role == "admin" and roles != ("channel",)):
            raise Forbidden


def person(staff_id: UUID) -> str:
    """The `Actor.name` of a member of staff."""
    return f"{PERSON}{staff_id}"


def person_id(name: str) -> UUID | None:
    """Whose `Actor.name` this is; None for a program's."""
    if not name.startswith(PERSON):
        return None
    try:
        return UUID(name.removeprefix(PERSON))
    except ValueError:
        return None
