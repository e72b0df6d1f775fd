"""Brings one notice on its way by the senders that this installation has."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import phonenumbers
from cryptography.fernet import InvalidToken
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from services.city import CityPack
from services.errors import ConfigurationError, InvalidField
from services.intake.sealing import Sealer
from services.notices.addresses import target
from services.notices.mail import Mailer, mailer
from services.notices.notice import Letter, Sent
from services.notices.posting import Poster
from services.notices.texts import DEFAULT
from services.notices.wording import Wording
from services.settings import Sending, Settings

NO_SENDER: Final = Sent("unsent", "no_sender")
NO_ADDRESS: Final = Sent("unsent", "no_address")


@dataclass(frozen=True, slots=True)
class SmsGateway:
    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Senders:
    wording: Wording
    sealer: Sealer
    poster: Poster
    mail: Mailer | None = None
    sms: SmsGateway | None = None

    async def send(self, letter: Letter, staff: tuple[str, str] | None, now: datetime) -> Sent:
        """Send it; `staff` are the e-mail address and language of the member of staff who is told.

        An address is unsealed here and nowhere else, and is in no log and no error.
        """
        if letter.channel == "webhook":
            return await self._to_agency(letter, now)
        contact = self._contact(letter, staff)
        language = str(contact.get("language") or DEFAULT)
        if letter.channel == "email":
            return await self._by_mail(letter, contact.get("email"), language, now)
        return await self._by_sms(letter, contact.get("phone"), language, now)

    def _contact(self, letter: Letter, staff: tuple[str, str] | None) -> dict[str, object]:
        if staff is not None:
            return {"email": staff[0], "language": staff[1]}
        if letter.sealed is None:
            return {}
        try:
            return self.sealer.unseal(letter.sealed)
        except InvalidToken:  # sealed with another secret key
            return {}

    async def _by_mail(self, letter: Letter, to: object, language: str, now: datetime) -> Sent:
        if self.mail is None:
            return NO_SENDER
        if not isinstance(to, str) or not to:
            return NO_ADDRESS
        text = self.wording.text(letter, language)
        return await asyncio.to_thread(self.mail.send, to, str(letter.id), text, now)

    async def _by_sms(self, letter: Letter, to: object, language: str, now: datetime) -> Sent:
        if self.sms is None:
            return NO_SENDER
        number = international(to, self.wording.pack)
        if number is None:
            return NO_ADDRESS
        text = self.wording.text(letter, language).sms
        body: dict[str, Any] = {
            "type": "sms.send",
            "timestamp": letter.created_at.isoformat(),
            "data": {"to": number, "text": text},
        }
        return await self.poster.post(self.sms.url, str(letter.id), body, [self.sms.secret], now)

    async def _to_agency(self, letter: Letter, now: datetime) -> Sent:
        if letter.url is None or letter.sealed_secret is None:
            return Sent("unsent", "endpoint_removed")
        if letter.endpoint_state != "enabled":
            return Sent("unsent", "endpoint_disabled")
        sealed = [letter.sealed_secret, letter.sealed_old_secret]
        try:
            secrets = [str(self.sealer.unseal(item)["secret"]) for item in sealed if item]
        except InvalidToken:
            return Sent("dead", "secret_not_readable")
        body = self.wording.webhook(letter)
        return await self.poster.post(letter.url, str(letter.id), body, secrets, now)


def international(number: object, pack: CityPack) -> str | None:
    """A telephone number as in E.164; None for what is none."""
    try:
        parsed = phonenumbers.parse(str(number or ""), pack.country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def build(settings: Settings, pack: CityPack) -> Senders:
    """The senders that `settings` name; raises `ConfigurationError` for one that cannot work."""
    sealer, sending = Sealer(settings.secret_key), settings.sending
    return Senders(
        wording=Wording(pack, sealer, settings.public_url),
        sealer=sealer,
        poster=Poster(sending.webhook_allow),
        mail=mailer(sending.smtp_url, sending.mail_from) if sending.smtp_url else None,
        sms=_gateway(sending) if sending.sms_webhook_url else None,
    )


def _gateway(sending: Sending) -> SmsGateway:
    try:
        target(sending.sms_webhook_url)
        Webhook(sending.sms_webhook_secret)
    except (InvalidField, ValueError, EmptyWebhookSecretError):
        raise ConfigurationError(
            "MINWON_SMS_WEBHOOK_URL is https://host/path,"
            " with MINWON_SMS_WEBHOOK_SECRET whsec_ and base64"
        ) from None
    return SmsGateway(sending.sms_webhook_url, sending.sms_webhook_secret)
