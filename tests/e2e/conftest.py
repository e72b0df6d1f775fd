"""One stack for all of these tests, with a real mail server and an agency's system beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.notices.receivers import Mailbox, Receiver, http_receiver, smtp_receiver
from tests.running import Running, minwon_up


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    with smtp_receiver() as found:
        yield found


@pytest.fixture(scope="session")
def hook() -> Iterator[Receiver]:
    with http_receiver() as found:
        yield found


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("MINWON_SMTP_URL", mailbox.url)
        patched.setenv("MINWON_MAIL_FROM", "minwon@city.example")
        patched.setenv("MINWON_WEBHOOK_ALLOW", "127.0.0.0/8")
        with minwon_up(tmp_path_factory.mktemp("e2e") / "data") as running:
            yield running
