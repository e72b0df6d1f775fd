"""API keys: shown once, stored as a hash, dead as soon as they are revoked or expire."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from services.access import keys, store
from services.access.actor import Actor, Unauthorized
from services.database import API, Database
from tests.conftest import Installation


@pytest.fixture
def owner(installation: Installation) -> Iterator[psycopg.Connection]:
    with psycopg.connect(installation.settings.database_url) as conn:
        yield conn


def test_a_key_has_128_random_bits_and_only_its_hash_is_kept() -> None:
    key = keys.generate()
    prefix, key_id, secret = key.text.split("_")
    assert (prefix, key_id) == ("mw", key.id)
    assert len(secret) * 5 >= 128
    assert key.secret_sha256 == hashlib.sha256(secret.encode()).digest()
    assert len({keys.generate().text for _ in range(100)}) == 100


def test_a_key_brings_its_role_agency_and_departments(owner: psycopg.Connection) -> None:
    text = keys.create(
        owner, role="staff", client="desk", agency_id="bukgu", departments=["건설과"]
    )
    actor = keys.authenticate(owner, text)
    assert (actor.role, actor.agency_id, actor.departments) == ("staff", "bukgu", ("건설과",))


def test_every_key_that_is_not_valid_now_is_refused_alike(owner: psycopg.Connection) -> None:
    good = keys.create(owner, role="triage", client="desk")
    expired = keys.create(
        owner,
        role="triage",
        client="desk",
        expires_at=datetime.now(UTC) - timedelta(seconds=1),
    )
    revoked = keys.create(owner, role="triage", client="desk")
    assert store.revoke_key(owner, revoked.split("_")[1])
    stranger = keys.generate().text
    wrong_secret = good[:-1] + ("a" if good[-1] != "a" else "b")
    bad = [expired, revoked, stranger, wrong_secret, "", "mw__", good[3:], "mw_" + good, "_" * 9]
    details = set()
    for text in bad:
        with pytest.raises(Unauthorized) as caught:
            keys.authenticate(owner, text)
        details.add(caught.value.detail)
    assert len(details) == 1
    assert keys.authenticate(owner, good).role == "triage"


def test_a_key_is_revoked_once(owner: psycopg.Connection) -> None:
    key_id = keys.create(owner, role="triage", client="desk").split("_")[1]
    assert store.revoke_key(owner, key_id)
    assert not store.revoke_key(owner, key_id)
    assert not store.revoke_key(owner, "nobody")


def test_staff_belong_to_an_agency(owner: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        keys.create(owner, role="staff", client="desk")


def test_a_ring_forgets_a_revoked_key_within_a_second(installation: Installation) -> None:
    url = installation.settings.database_url
    with psycopg.connect(url, autocommit=True) as owner:
        text = keys.create(owner, role="triage", client="desk")
        database = Database(url, API, size=1)
        database.open()
        try:
            ring = keys.KeyRing(database)
            assert ring.remembered(text) is None
            assert ring.actor(text).role == "triage"
            store.revoke_key(owner, text.split("_")[1])
            time.sleep(keys.CACHE_SECONDS + 0.05)
            with pytest.raises(Unauthorized):
                ring.actor(text)
        finally:
            database.close()


def test_those_who_ask_at_once_share_one_look(installation: Installation) -> None:
    with psycopg.connect(installation.settings.database_url, autocommit=True) as owner:
        text = keys.create(owner, role="channel", client="ars")
    database = Database(installation.settings.database_url, API, size=1)
    database.open()
    looks: list[str] = []

    class Ring(keys.KeyRing):
        def actor(self, text: str) -> Actor:
            looks.append(text)
            return super().actor(text)

    async def ask() -> list[Actor | BaseException]:
        ring = Ring(database)
        wanted = [text] * 20 + ["mw_no_key"] * 20
        return await asyncio.gather(*map(ring.find, wanted), return_exceptions=True)

    try:
        found = asyncio.run(ask())
    finally:
        database.close()
    assert sorted(looks) == sorted([text, "mw_no_key"])
    assert all(isinstance(actor, Actor) and actor.client == "ars" for actor in found[:20])
    assert all(isinstance(error, Unauthorized) for error in found[20:])


def test_a_key_that_nobody_can_look_at_is_known_a_short_while_and_never_when_revoked(
    installation: Installation, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone, unseen = (keys.create(owner, role="channel", client="ars") for _ in range(3))
    owner.commit()
    database = Database(installation.settings.database_url, API)
    database.open()
    ring = keys.KeyRing(database)

    async def ask(text: str, seconds: float = 5.0) -> Actor | None:
        return await ring.find_soon(text, seconds)

    assert asyncio.run(ask(kept)) is not None
    assert asyncio.run(ask(gone)) is not None
    assert ring.lately(gone) is not None
    assert store.revoke_key(owner, gone.split("_")[1])
    owner.commit()
    monkeypatch.setattr(keys, "CACHE_SECONDS", 0.0)
    ring._known = {text: (time.monotonic(), actor) for text, (_, actor) in ring._known.items()}
    with pytest.raises(Unauthorized):
        asyncio.run(ask(gone))
    assert ring.lately(gone) is None

    database.close()
    assert asyncio.run(ask(kept)) is None
    assert asyncio.run(ask(unseen)) is None
    assert ring.lately(kept) is not None
    assert ring.lately(unseen) is None
    monkeypatch.setattr(keys, "LATELY_SECONDS", 0.0)
    assert ring.lately(kept) is None
