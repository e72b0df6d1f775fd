"""A town's callers: a channel that files, agencies that work, desks that look on."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import psycopg
from starlette.testclient import TestClient

from services.access import keys as api_keys
from services.cases.triaging import write_triaged
from services.database import WORKER, conninfo
from services.settings import Settings

DUE = datetime(2026, 8, 3, 0, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def web(body: str = "가로등이 고장 났어요", **more: Any) -> dict[str, Any]:
    return {"channel": "web", "web": {"body": body}, **more}


class Answer(Protocol):
    """What the test client answers with, whichever HTTP library it is built on."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def text(self) -> str: ...
    def json(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Town:
    """A running application over its own database."""

    client: TestClient
    settings: Settings
    keys: dict[str, Any]
    made: dict[str, str] = field(default_factory=dict)

    def key(self, who: str) -> str:
        """The key of a desk (`channel`, `triage`...), of an agency by name, or one just made."""
        return str(self.made.get(who) or self.keys.get(who) or self.keys["staff"].get(who) or who)

    def get(self, path: str, who: str, **parameters: Any) -> Answer:
        return self.client.get(path, headers=self.signed(who), params=parameters or None)

    def pages(self, path: str, who: str, limit: int, **parameters: Any) -> list[list[Any]]:
        """All pages of a list, following its cursors."""
        found: list[list[Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, who, limit=limit, **parameters, **cursor).json()
            found.append(page["items"])
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    def post(
        self, path: str, who: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        signed = {**self.signed(who), **(headers or {})}
        return self.client.post(path, headers=signed, json={} if body is None else body)

    def signed(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key(who)}"}

    def file(self, body: Any = None, key: str | None = None, who: str = "channel") -> Answer:
        key = key or f"key-{next(_numbers)}"
        return self.post("/v1/complaints", who, body or web(), {"Idempotency-Key": key})

    def act(self, id: str, action: str, who: str, version: int | str, **order: Any) -> Answer:
        path = f"/v1/cases/{id}/{action}"
        return self.post(path, who, order, {"If-Match": f'"{version}"'})

    def routed(self, count: int = 1, **changes: Any) -> list[str]:
        """File so many complaints and place them; by default in a queue of 북구청."""
        ids = [self.file().json()["id"] for _ in range(count)]
        self.place(ids, **changes)
        return ids

    def place(self, ids: Sequence[str], **changes: Any) -> None:
        place(self.settings, ids, **changes)

    def make_key(self, who: str, **fields: Any) -> str:
        """A new key, from now on called `who`."""
        with psycopg.connect(self.settings.database_url) as conn:
            self.made[who] = api_keys.create(conn, **{"client": "desk", **fields})
        return self.made[who]

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Read the database as its owner, past every wall."""
        with psycopg.connect(self.settings.database_url) as conn:
            return conn.execute(statement.encode(), parameters).fetchall()

    def state(self, id: str) -> tuple[str, int]:
        rows = self.rows("SELECT state, version FROM cases WHERE id = %s", UUID(id))
        return rows[0][0], rows[0][1]


def place(settings: Settings, ids: Sequence[str], **changes: Any) -> None:
    """Write what triage would: the real statement with hand-made rows."""
    row = {
        "state": "routed",
        "service": "streetlight",
        "kind": "report",
        "urgency": 2,
        "agency_id": "bukgu",
        "department": "시설지원과",
        "confidence": 0.9,
        "candidates": [["streetlight", 0.9], ["park-green", 0.05], ["noise", 0.02]],
        "reasons": [],
        "decision": "route",
        "model_version": "test",
        "petition_kind": "other",
        "due_at": DUE.isoformat(),
        **changes,
    }
    with psycopg.connect(conninfo(settings.database_url, WORKER)) as conn:
        assert write_triaged(conn, [{**row, "id": id} for id in ids]) == len(ids)


def at_once(calls: Sequence[Any], threads: int) -> list[Any]:
    """Make all calls from so many threads; their results in order."""
    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def hours(count: float) -> str:
    """A due time so many hours after `DUE`."""
    return (DUE + timedelta(hours=count)).isoformat()
