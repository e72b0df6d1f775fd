"""What the system proposes and never does: merging many of one purpose, closing a repeat.

Decree article 6: petitions of five or more people with one purpose may be handled as one.
Act article 23: the same petition three or more times may be closed after two result notices.
The evidence stands beside each proposal; a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from psycopg.rows import class_row

from services.cases.case import Case
from services.cases.store import QUERIES
from services.city import CityPack
from services.database import Connection

ALIKE: Final = 0.75
"""Cosine from which two texts are held to ask for the same thing; unconfirmed, for people judge."""
NEAR_METRES: Final = 300.0
"""Places up to so far apart may be one; unconfirmed, for people judge."""
METRES_IN_A_DEGREE: Final = 111_195.0
"""Of latitude: a circle through the poles of a sphere with 6,371 km of radius, in 360 parts."""
WINDOW_DAYS: Final = 365
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Alike:
    """A case that reads like the one asked about.

    `same_person` and `same_place` are None where one is unknown; what is known to lie elsewhere is
    not alike.
    """

    id: UUID
    receipt_number: str
    state: str
    received_at: datetime
    person_key: str | None
    same_person: bool | None
    same_place: bool | None
    similarity: float
    notified: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """`people` counts known different people, each case of an unknown one as one more."""

    kind: Literal["merge", "repeat"]
    law: str
    people: int
    notices: int
    evidence: tuple[Alike, ...]


def proposals(conn: Connection, case: Case, pack: CityPack) -> list[Proposal]:
    """What the cases alike speak for; empty for most."""
    alike = _alike(conn, case)
    found = (_merge(case, alike, pack), _repeat(case, alike, pack))
    return [proposal for proposal in found if proposal is not None]


def _merge(case: Case, alike: list[Alike], pack: CityPack) -> Proposal | None:
    ended = ("resolved", "closed", "transferred_out")
    others = tuple(one for one in alike if one.state not in ended and not one.same_person)
    known = {one.person_key for one in others if one.person_key}
    people = 1 + len(known) + sum(one.person_key is None for one in others)
    if case.state in ended or people < pack.clock.merge_people_at_least:
        return None
    return Proposal("merge", "시행령 제6조", people, 0, others)


def _repeat(case: Case, alike: list[Alike], pack: CityPack) -> Proposal | None:
    clock = pack.clock
    own = tuple(one for one in alike if one.same_person and one.received_at < case.received_at)
    notices = sum(one.notified for one in own)
    enough = len(own) + 1 >= clock.repeat_petitions_at_least
    if not enough or notices < clock.repeat_notices_at_least:
        return None
    return Proposal("repeat", "법 제23조", 1, notices, own)


def _alike(conn: Connection, case: Case) -> list[Alike]:
    parameters = {
        "id": case.id,
        "alike": ALIKE,
        "degrees": NEAR_METRES / METRES_IN_A_DEGREE,
        "days": WINDOW_DAYS,
        "limit": SHOWN,
    }
    with conn.cursor(row_factory=class_row(Alike)) as cursor:
        return cursor.execute(QUERIES["list_alike"], parameters).fetchall()
