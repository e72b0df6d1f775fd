"""Which pages the console's menu names, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from services.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """`word` names a sentence; the page is current below its path too, unless `alone`."""

    path: str
    word: str
    shown: Callable[[Actor], bool]
    alone: bool = False

    def current(self, path: str) -> bool:
        return path == self.path or (not self.alone and path.startswith(f"{self.path}/"))


def to(*roles: str) -> Callable[[Actor], bool]:
    """Shown to those roles and to administrators."""
    return lambda actor: actor.role in (*roles, "admin")


def heads(actor: Actor) -> bool:
    """Supervisors, and managers of an agency."""
    return actor.role in ("supervisor", "admin") or (actor.role == "staff" and actor.is_manager)


def _connects(actor: Actor) -> bool:
    """Administrators, and heads of a whole agency: an endpoint hears of all of it."""
    whole = actor.role == "admin" or (actor.agency_id is not None and not actor.departments)
    return heads(actor) and whole


MENU: Final = (
    Entry("/staff", "staff.menu.mine", lambda _: True, alone=True),
    Entry("/staff/queue", "staff.menu.queue", lambda _: True),
    Entry("/staff/approvals", "staff.menu.approvals", lambda actor: actor.may_approve),
    Entry("/staff/cooperations", "staff.menu.cooperations", to("staff", "supervisor")),
    Entry("/staff/review", "staff.menu.review", to("triage", "supervisor")),
    Entry("/staff/arbitration", "staff.menu.arbitration", to("supervisor")),
    Entry("/staff/overdue", "staff.menu.overdue", heads),
    Entry("/staff/notices", "staff.menu.notices", to("staff", "triage", "supervisor")),
    Entry("/staff/knowledge", "staff.menu.knowledge", to("staff", "triage", "supervisor")),
    Entry("/staff/webhooks", "staff.menu.webhooks", _connects),
    Entry("/staff/people", "staff.menu.people", heads),
)


def menu_of(actor: Actor) -> list[Entry]:
    return [entry for entry in MENU if entry.shown(actor)]
