"""Who acts, when, and by which city's rules: all that a step may know beside the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.access.actor import Actor
from services.cases.case import Case
from services.cases.clock import DueAt
from services.city import CityPack

SYSTEM: Final = Actor("system", "system", "minwon")
"""Minwon itself: triage, the sweepers, the delivery of notices."""

CITIZEN: Final = Actor("citizen", "citizen", "minwon")
"""Whoever holds a case's lookup code."""


@dataclass(frozen=True, slots=True)
class Situation:
    actor: Actor
    now: datetime
    pack: CityPack
    due_at: DueAt
    into: Case | None = None
    """The case that a merge goes into."""
    waiting: int = 0
    """Units that were asked and have not answered."""

    @property
    def by(self) -> str:
        """How events name who acts."""
        alone = self.actor.role in ("system", "citizen")
        return self.actor.role if alone else self.actor.name
