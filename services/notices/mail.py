"""Sends e-mail by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final
from urllib.parse import unquote, urlsplit

from services.errors import ConfigurationError
from services.notices.notice import Sent
from services.notices.texts import Text

TIMEOUT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Mailer:
    """Where mail is handed in. `tls` is from the start (smtps), `starttls` is after hello."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    starttls: bool
    sender: str

    def send(self, to: str, message_id: str, text: Text, now: datetime) -> Sent:
        """Hand one message in. The same `message_id` gives the same Message-ID."""
        try:
            message = self.compose(to, message_id, text, now)
        except (ValueError, IndexError, MessageError):
            return Sent("unsent", "address_not_valid")
        try:
            with self._connection() as smtp:
                smtp.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            return _refused(max(codes, default=0), "recipient_refused")
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code, "server_refused")
        except smtplib.SMTPNotSupportedError:
            return Sent("dead", "not_supported_by_server")
        except (smtplib.SMTPException, OSError) as error:
            return Sent("waiting", type(error).__name__)
        return Sent("delivered")

    def compose(self, to: str, message_id: str, text: Text, now: datetime) -> EmailMessage:
        """Raises ValueError for an address, or a header, with what may not stand in it."""
        address = Address(addr_spec=to)
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        message["To"] = address
        message["Subject"] = text.subject
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{message_id}@{Address(addr_spec=self.sender).domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies to it
        message.set_content(text.body)
        return message

    def check(self) -> None:
        """Say hello to the server and sign in; raises SMTPException or OSError."""
        with self._connection() as smtp:
            smtp.noop()

    def _connection(self) -> smtplib.SMTP:
        context = ssl.create_default_context() if self.tls or self.starttls else None
        if self.tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            smtp = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        try:
            if self.starttls:
                smtp.starttls(context=context)
            if self.user:
                smtp.login(self.user, self.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


def _refused(code: int, error: str) -> Sent:
    """A 5xx is the server's last word (RFC 5321, 4.2.1); sign-in that fails may be mended."""
    final = 500 <= code < 600 and code not in (530, 534, 535, 538)
    return Sent("dead" if final else "waiting", error, code or None)


def mailer(url: str, sender: str) -> Mailer:
    """The mailer that `smtp[s]://user:pass@host:port?starttls` names.

    Raises `ConfigurationError`; the URL, which holds a password, is not repeated in it.
    """
    try:
        parts = urlsplit(url)
        usual = {"smtp": 587 if parts.query == "starttls" else 25, "smtps": 465}[parts.scheme]
        Address(addr_spec=sender)
        if not parts.hostname or parts.query not in ("", "starttls"):
            raise ValueError
        return Mailer(
            host=parts.hostname,
            port=parts.port or usual,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=parts.scheme == "smtps",
            starttls=parts.query == "starttls",
            sender=sender,
        )
    except (ValueError, KeyError, IndexError, MessageError):
        raise ConfigurationError(
            "MINWON_SMTP_URL is smtp[s]://user:pass@host:port[?starttls],"
            " with MINWON_MAIL_FROM an e-mail address"
        ) from None
