"""API keys: `mw_<id>_<secret>` with 128 random bits, of which only a sha256 is stored."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime

from services.access import store
from services.access.actor import Actor, Unauthorized
from services.database import Connection, Database
from services.errors import Unavailable

SECRET_BYTES = 16
CACHE_SECONDS = 1.0
CACHE_SIZE = 4096
LATELY_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as shown once, at its making."""

    id: str
    text: str
    secret_sha256: bytes


def generate() -> NewKey:
    key_id = _letters(secrets.token_bytes(5))
    secret = _letters(secrets.token_bytes(SECRET_BYTES))
    return NewKey(key_id, f"mw_{key_id}_{secret}", _digest(secret))


def create(
    conn: Connection,
    *,
    role: str,
    client: str,
    agency_id: str | None = None,
    departments: list[str] | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Store a new key and return its text, which cannot be shown again."""
    key = generate()
    store.insert_key(
        conn,
        id=key.id,
        secret_sha256=key.secret_sha256,
        role=role,
        client=client,
        agency_id=agency_id,
        departments=departments,
        expires_at=expires_at,
    )
    return key.text


def authenticate(conn: Connection, text: str) -> Actor:
    """The caller that holds the key `text`; raises `Unauthorized` for any that is not valid now."""
    prefix, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    row = store.find_key(conn, key_id) if prefix == "mw" and secret else None
    if row is None or not hmac.compare_digest(bytes(row.secret_sha256), _digest(secret)):
        raise Unauthorized
    return Actor(
        key_id=row.id,
        role=row.role,
        client=row.client,
        agency_id=row.agency_id,
        departments=tuple(row.departments) if row.departments else None,
    )


@dataclass(slots=True)
class KeyRing:
    """Looks keys up, remembering each valid one for a second: a revoked key dies that fast."""

    database: Database
    _known: dict[str, tuple[float, Actor]] = field(default_factory=dict)
    _asked: dict[str, asyncio.Task[Actor]] = field(default_factory=dict)

    def remembered(self, text: str) -> Actor | None:
        """The caller if the key was seen valid within the last second; touches no database."""
        until, actor = self._known.get(text, (0.0, None))
        return actor if time.monotonic() < until else None

    def actor(self, text: str) -> Actor:
        actor = self.remembered(text)
        if actor is None:
            with self.database.transaction() as conn:
                try:
                    actor = authenticate(conn, text)
                except Unauthorized:
                    self._known.pop(text, None)
                    raise
            if len(self._known) >= CACHE_SIZE:
                self._known.clear()
            self._known[text] = (time.monotonic() + CACHE_SECONDS, actor)
        return actor

    async def find(self, text: str) -> Actor:
        """As `actor`, beside the event loop; all who need one key just then share one look."""
        actor = self.remembered(text)
        if actor is not None:
            return actor
        task = self._asked.get(text)
        if task is None:
            task = self._asked[text] = asyncio.create_task(asyncio.to_thread(self.actor, text))
            task.add_done_callback(lambda done: self._settled(text, done))
        return await asyncio.shield(task)

    async def find_soon(self, text: str, seconds: float) -> Actor | None:
        """As `find`; None where nobody can be asked in that time. The look goes on."""
        try:
            return self.remembered(text) or await asyncio.wait_for(self.find(text), seconds)
        except (TimeoutError, Unavailable):
            return None

    def lately(self, text: str) -> Actor | None:
        """Whom the key named when it was last seen valid, within `LATELY_SECONDS`; else None.

        For answers that read and write nothing, as to an emergency with the database away: the
        key may have been revoked since.
        """
        until, actor = self._known.get(text, (0.0, None))
        return actor if time.monotonic() < until - CACHE_SECONDS + LATELY_SECONDS else None

    def _settled(self, text: str, done: asyncio.Task[Actor]) -> None:
        self._asked.pop(text, None)
        if not done.cancelled():
            done.exception()


def _letters(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
