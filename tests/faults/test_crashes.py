"""What a crash may not do: lose a complaint, triage one twice, or leave one behind."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import psycopg
import pytest
import redis

from tests.conftest import NO_REDIS, Installation
from tests.faults.site import Site, opened
from tests.running import eventually

HELD = "SELECT count(*) FROM outbox WHERE lease_until > now()"
MANY = 500


@pytest.fixture
def site(installation: Installation) -> Iterator[Site]:
    with opened(installation) as running:
        yield running


def kill_while_it_holds_a_batch(site: Site) -> int:
    """Kill the worker with its children (-9) between its claim and its commit."""
    for _ in range(20):
        site.file(MANY)
        site.start("worker")
        eventually(lambda: site.ask(HELD) > 0, 60, 0.001)
        site.kill("worker")
        if held := site.ask(HELD):
            return int(held)
        eventually(lambda: site.ask(HELD) == 0, 5)
    pytest.fail("the worker was never caught holding a batch")


def test_a_batch_held_by_a_killed_worker_is_triaged_once(site: Site) -> None:
    site.start("relay")
    held = kill_while_it_holds_a_batch(site)
    assert site.untriaged() >= held
    with psycopg.connect(site.installation.settings.database_url) as conn:
        conn.execute("UPDATE outbox SET lease_until = now() WHERE lease_until > now()")
    site.start("worker")
    site.start("beat")
    eventually(lambda: site.untriaged() == 0, 120)
    assert site.triaged_once()


def test_redis_may_forget_everything_while_complaints_wait(site: Site) -> None:
    broker = redis.Redis.from_url(site.redis.client_url())
    for name in ("worker", "relay", "beat"):
        site.start(name)
    site.file(3)
    eventually(lambda: site.untriaged() == 0, 60)
    site.signal("worker", signal.SIGSTOP)
    site.file(MANY)
    eventually(lambda: broker.llen("triage") > 0, 30)
    broker.flushall()
    broker.close()
    site.signal("worker", signal.SIGCONT)
    eventually(lambda: site.untriaged() == 0, 60)
    assert site.triaged_once()


def test_complaints_are_placed_without_redis(site: Site) -> None:
    site.start("relay", MINWON_REDIS_URL=NO_REDIS)
    site.file(MANY)
    eventually(lambda: site.untriaged() == 0, 60)
    assert site.triaged_once()
