"""People, unlike keys, need four eyes, work in their departments, and are known by account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest

from services.access import staff
from services.access.staff import NewPerson
from services.cases import orders
from services.city import CityPack
from tests.integration.api.town import Town
from tests.integration.api.walkers import HOME, Walkers, open_walkers

REPLY = orders.Submit(reply="고쳤습니다", outcome="accepted")


@pytest.fixture(scope="module")
def walkers(town: Town, pack: CityPack) -> Iterator[Walkers]:
    made = open_walkers(town, pack, datetime.now(UTC))
    yield made
    made.close()


def test_whoever_submits_does_not_approve_and_a_key_is_not_bound(walkers: Walkers) -> None:
    town, nothing = walkers.town, orders.Nothing()
    (id,) = town.routed()
    for action in ("claim", "start"):
        assert walkers.by_hand(walkers.approver, id, action, nothing) == (200, "")
    assert walkers.by_hand(walkers.approver, id, "submit", REPLY)[0] == 200
    for action in ("approve", "resolve"):
        assert walkers.by_hand(walkers.approver, id, action, nothing)[0] == 403
    assert walkers.by_hand(walkers.handler, id, "approve", nothing)[0] == 403
    assert town.act(id, "return", HOME, "*", reason="보완").status_code == 200
    assert walkers.by_hand(walkers.handler, id, "submit", REPLY)[0] == 200
    assert walkers.by_hand(walkers.approver, id, "approve", nothing)[0] == 200


def test_a_case_goes_to_somebody_who_works_there(walkers: Walkers) -> None:
    town = walkers.town
    with psycopg.connect(town.settings.database_url) as conn:
        away = staff.add(conn, uuid4(), NewPerson("away", "a", "staff", agency_id="seogu"))
        gone = staff.add(conn, uuid4(), NewPerson("gone", "g", "staff", agency_id="bukgu"))
        staff.set_active(conn, gone.id, active=False)
    (id,) = town.routed()
    for name in ("nobody", "away", away.name, "gone", gone.name):
        refused = town.act(id, "assign", HOME, 2, assignee=name)
        assert (refused.status_code, refused.json()["pointer"]) == (422, "/assignee")
    taken = town.act(id, "assign", HOME, 2, assignee="handler").json()
    assert taken["assignee"] == walkers.handler.name


def test_a_persons_departments_are_walls(walkers: Walkers) -> None:
    (id,) = walkers.town.routed(department="건설과", service="road-damage")
    note = orders.Note(text="메모")
    assert walkers.by_hand(walkers.handler, id, "note", note) == (404, "not_found")
    assert walkers.by_hand(walkers.approver, id, "note", note) == (200, "")
