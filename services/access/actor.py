"""Who is asking: a program or a member of staff, by its key."""

from __future__ import annotations

from dataclasses import dataclass

from services.database import CITY, Scope
from services.errors import Forbidden, TriageError


class Unauthorized(TriageError):
    """A valid API key is needed: send it as `Authorization: Bearer <key>`."""

    code = "unauthorized"
    status = 401


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in caller. `departments` is None for all departments of the agency."""

    key_id: str
    role: str
    client: str
    agency_id: str | None = None
    departments: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """How events and assignments name this caller; never a person's name."""
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
