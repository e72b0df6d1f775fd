"""A claim and a merge that meet: whichever is first, both cases end in the same hands."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest

from services.access.actor import Actor
from services.cases import acting, orders, queues
from services.cases.case import Case
from services.cases.deadline import statutory_clock
from services.cases.situation import Situation
from services.city import CityPack
from services.database import WORKER, conninfo
from tests.integration.api.town import Town
from tests.running import eventually

AGENCY = "gwangsangu"
LEE = Actor("lee", "staff", "desk", agency_id=AGENCY)


@contextmanager
def hand(town: Town) -> Iterator[psycopg.Connection]:
    """A transaction of its own, patient enough for the other to be looked at."""
    with psycopg.connect(conninfo(town.settings.database_url, WORKER)) as conn:
        conn.execute("SET lock_timeout = '30s'")
        conn.execute("SET statement_timeout = '30s'")
        conn.commit()
        yield conn


def claim(conn: psycopg.Connection) -> list[UUID]:
    cases = queues.claim_next(conn, AGENCY, None, 10, LEE.name, datetime.now(UTC))
    return [case.id for case in cases]


def merge(conn: psycopg.Connection, child: str, parent: str, pack: CityPack) -> Case:
    at = Situation(LEE, datetime.now(UTC), pack, statutory_clock(pack))
    return acting.act(conn, UUID(child), "merge", orders.Merge(into=parent), at)


def waits(town: Town, conn: psycopg.Connection) -> bool:
    pid = conn.info.backend_pid
    rows = town.rows("SELECT cardinality(pg_blocking_pids(%s))", pid)
    return bool(rows[0][0])


def standing(town: Town, *ids: str) -> list[tuple[Any, ...]]:
    return [
        town.rows("SELECT state, assignee, parent_id FROM cases WHERE id = %s", UUID(id))[0]
        for id in ids
    ]


@pytest.fixture
def pair(town: Town) -> list[str]:
    """Two cases, alone in the queue of their agency."""
    town.post("/v1/queue:claim", "광산구청", {"max": 100})
    return town.routed(2, agency_id=AGENCY, department="민원실")


def test_a_claim_passes_by_what_is_being_merged_and_takes_both_after(
    pair: list[str], town: Town, pack: CityPack
) -> None:
    parent, child = pair
    with hand(town) as merging, hand(town) as claiming:
        merge(merging, child, parent, pack)
        assert claim(claiming) == []
        merging.commit()
        assert claim(claiming) == [UUID(parent)]
        claiming.commit()
    assert standing(town, *pair) == [
        ("assigned", LEE.name, None),
        ("assigned", LEE.name, UUID(parent)),
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["the later into the earlier", "back"])
def test_a_merge_waits_for_a_claim_and_follows_it(
    order: tuple[int, int], pair: list[str], town: Town, pack: CityPack
) -> None:
    parent, child = (pair[place] for place in order)
    with hand(town) as claiming, hand(town) as merging, ThreadPoolExecutor(1) as pool:
        assert set(claim(claiming)) == {UUID(id) for id in pair}
        merged = pool.submit(merge, merging, child, parent, pack)
        eventually(lambda: waits(town, merging), 10)
        claiming.commit()
        assert merged.result(10).parent_id == UUID(parent)
        merging.commit()
    assert standing(town, parent, child) == [
        ("assigned", LEE.name, None),
        ("assigned", LEE.name, UUID(parent)),
    ]
