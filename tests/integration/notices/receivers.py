"""Real receivers: an SMTP server, and an HTTP server that verifies what it is sent."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks import Webhook


@dataclass(slots=True)
class Post:
    headers: dict[str, str]
    body: str

    def verified(self, secret: str) -> Any:
        """The message; raises if it was not signed with `secret` within five minutes."""
        return Webhook(secret).verify(self.body, self.headers)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass(slots=True)
class Receiver:
    """Answers each post with the next of `answers`, the last of them from then on."""

    url: str = ""
    answers: list[int] = field(default_factory=lambda: [204])
    posts: list[Post] = field(default_factory=list)
    others: int = 0
    """Requests that were no post to the endpoint: followed redirects."""
    stall: threading.Event = field(default_factory=threading.Event)
    """While set, posts are taken and not answered."""
    let_go: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def http_receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.posts.append(Post(headers, body))
            receiver.arrived.set()
            if receiver.stall.is_set():
                receiver.let_go.wait(20)
            status = receiver.answers[0]
            if len(receiver.answers) > 1:
                receiver.answers.pop(0)
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

        def do_GET(self) -> None:
            receiver.others += 1

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield receiver
    finally:
        receiver.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass  # no slots: aiosmtpd looks through its handler, which Python 3.11.2 does not bear then
class Mailbox:
    """Takes mail, after `refusals`: replies to give to recipients before that."""

    url: str = ""
    refusals: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = cast(bytes, envelope.content)
        self.mails.append(message_from_bytes(content, policy=policy.default))
        return "250 OK"


@contextlib.contextmanager
def smtp_receiver() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]  # aiosmtpd connects to the port it was told, so not to 0
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        mailbox.url = f"smtp://127.0.0.1:{port}"
        yield mailbox
    finally:
        controller.stop()
