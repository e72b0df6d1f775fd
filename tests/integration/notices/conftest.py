"""A town whose notices go to real receivers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Any
from uuid import UUID

import psycopg
import pytest
from starlette.testclient import TestClient

from services.api.app import create_app
from services.cases.deadline import statutory_clock
from services.city import CityPack
from services.database import WORKER, Database
from services.notices import senders
from services.notices.desk import NoticeDesk
from services.notices.webhooks import new_secret
from services.settings import Sending
from services.stack.postgres import EmbeddedPostgres
from tests.conftest import install
from tests.integration.api.town import Town, web
from tests.integration.notices.receivers import Mailbox, Receiver, http_receiver, smtp_receiver

SMS_SECRET = new_secret()
LOOPBACK = ip_network("127.0.0.0/8")


@dataclass(frozen=True, slots=True)
class Post:
    """The town, its notice desk, and where the notices arrive."""

    town: Town
    desk: NoticeDesk
    mailbox: Mailbox
    sms: Receiver

    def file(self, reply_by: str | None = "email", **contact: str) -> str:
        """A complaint whose citizen wants to be told in this way."""
        contact = {"email": "citizen@example.org", "phone": "010-1234-5678", **contact}
        body = web(contact={**contact, "reply_by": reply_by}) if reply_by else web()
        return str(self.town.file(body).json()["id"])

    def routed(self, reply_by: str | None = None, **changes: Any) -> str:
        id = self.file(reply_by)
        self.town.place([id], **changes)
        return id

    def resolve(self, id: str, who: str = "북구청") -> None:
        """Take a routed case to its result."""
        _, version = self.town.state(id)
        steps: list[tuple[str, dict[str, str]]] = [
            ("assign", {"assignee": "team-1"}),
            ("start", {}),
            ("submit", {"reply": "가로등을 고쳤습니다.", "outcome": "accepted"}),
            ("approve", {}),
        ]
        for step, (action, order) in enumerate(steps):
            answer = self.town.act(id, action, who, version + step, **order)
            assert answer.status_code == 200, answer.text

    def notices(self, id: str) -> list[tuple[Any, ...]]:
        """(template, channel, state, attempts, error) of a case, in order."""
        return self.town.rows(
            "SELECT template, channel, state, attempts, last_error FROM notices"
            " WHERE case_id = %s ORDER BY id",
            UUID(id),
        )

    def run_sql(self, statement: str, *parameters: Any) -> None:
        with psycopg.connect(self.town.settings.database_url) as conn:
            conn.execute(statement.encode(), parameters)

    def make_due(self) -> None:
        """Let every retry's time come."""
        self.run_sql("UPDATE notices SET run_at = now() WHERE state = 'waiting'")


@pytest.fixture(scope="module")
def post(
    postgres: EmbeddedPostgres, template: dict[str, Any], worker: str, pack: CityPack
) -> Iterator[Post]:
    with smtp_receiver() as mailbox, http_receiver() as sms:
        settings = replace(
            install(postgres, template, worker, log_level="CRITICAL").settings,
            sending=Sending(mailbox.url, "minwon@city.example", sms.url, SMS_SECRET, (LOOPBACK,)),
            public_url="https://minwon.example",
        )
        database = Database(settings.database_url, WORKER, size=4)
        database.open()
        desk = NoticeDesk(database, senders.build(settings, pack), statutory_clock(pack))
        with TestClient(create_app(settings), raise_server_exceptions=False) as client:
            yield Post(Town(client, settings, template), desk, mailbox, sms)
        database.close()


@pytest.fixture(autouse=True)
def _fresh(post: Post) -> None:
    """Nothing of the test before waits, fails or lies in a receiver."""
    post.run_sql("UPDATE notices SET state = 'delivered' WHERE state = 'waiting'")
    post.run_sql("DELETE FROM webhook_endpoints")
    post.run_sql("DELETE FROM outbox WHERE topic = 'notice'")
    post.mailbox.mails.clear()
    post.mailbox.refusals.clear()
    post.sms.posts.clear()
    post.sms.answers[:] = [204]
