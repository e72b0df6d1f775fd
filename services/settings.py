"""Settings: the only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from services.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: migrations, the city pack and the shipped model lie under it."""

MINIMUM_SECRET_BYTES = 32
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True)
class Access:
    """Who gets in, and how often. A rate is in requests a second for each key; 0 is no limit.

    `oidc_issuer` is where the provider's `/.well-known/openid-configuration` lies; empty for
    local accounts alone. `audit_anchor` is the file that keeps the audit log's tail outside it.
    """

    session_idle_s: int = 30 * 60
    session_lifetime_s: int = 12 * 3600
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    channel_rate: int = 0
    key_rate: int = 1000
    audit_anchor: Path | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Access:
        anchor = environ.get("MINWON_AUDIT_ANCHOR", "").strip()
        issuer = environ.get("MINWON_OIDC_ISSUER", "").strip()
        return cls(
            session_idle_s=_whole(environ, "MINWON_SESSION_IDLE_MINUTES", 30, 1) * 60,
            session_lifetime_s=_whole(environ, "MINWON_SESSION_HOURS", 12, 1) * 3600,
            oidc_issuer=issuer,
            oidc_client_id=_required(environ, "MINWON_OIDC_CLIENT_ID") if issuer else "",
            oidc_client_secret=_required(environ, "MINWON_OIDC_CLIENT_SECRET") if issuer else "",
            channel_rate=_whole(environ, "MINWON_CHANNEL_RATE", 0, 0),
            key_rate=_whole(environ, "MINWON_KEY_RATE", 1000, 0),
            audit_anchor=Path(anchor) if anchor else None,
        )


@dataclass(frozen=True, slots=True)
class Sending:
    """How notices leave. `smtp_url` is `smtp[s]://user:pass@host:port[?starttls]`.

    Without it no e-mail is sent, and without `sms_webhook_url`, where the SMS gateway takes signed
    webhooks, no SMS. `webhook_allow` are networks that webhooks may reach though they lie inside.
    """

    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    sms_webhook_url: str = ""
    sms_webhook_secret: str = field(default="", repr=False)
    webhook_allow: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Sending:
        return cls(
            smtp_url=environ.get("MINWON_SMTP_URL", "").strip(),
            mail_from=environ.get("MINWON_MAIL_FROM", "").strip(),
            sms_webhook_url=environ.get("MINWON_SMS_WEBHOOK_URL", "").strip(),
            sms_webhook_secret=environ.get("MINWON_SMS_WEBHOOK_SECRET", "").strip(),
            webhook_allow=_networks(environ, "MINWON_WEBHOOK_ALLOW"),
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process needs to know to start.

    `model` is a folder with a trained artifact. `embedder` names any sentence-transformers model
    (a folder or a name) to be used in place of the artifact's own; empty means the artifact's.
    `official_site` puts the mark of an official government site on the pages (공식 전자정부
    누리집); only the city's operator can say that of a site.
    `storage` is where files lie: `file:///folder` or `s3://bucket/prefix`.
    """

    database_url: str
    redis_url: str
    secret_key: bytes
    city_pack: Path
    model: Path
    embedder: str
    log_level: str
    storage: str
    official_site: bool = False
    access: Access = Access()
    sending: Sending = Sending()
    public_url: str = ""
    """Where citizens and agencies reach this installation, without a slash at the end."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read `MINWON_*`; raise `ConfigurationError` naming the first setting that is wrong."""
        return cls(
            database_url=_required(environ, "MINWON_DATABASE_URL"),
            redis_url=_required(environ, "MINWON_REDIS_URL"),
            secret_key=_secret(environ),
            city_pack=_folder(environ, "MINWON_CITY_PACK", ROOT / "city" / "gwangju"),
            model=_folder(environ, "MINWON_MODEL", ROOT / "models" / "artifact"),
            embedder=environ.get("MINWON_EMBEDDER", ""),
            log_level=_log_level(environ),
            official_site=_yes(environ, "MINWON_OFFICIAL_SITE"),
            storage=environ.get("MINWON_STORAGE") or Path("data/attachments").absolute().as_uri(),
            access=Access.from_environment(environ),
            sending=Sending.from_environment(environ),
            public_url=environ.get("MINWON_PUBLIC_URL", "").strip().rstrip("/"),
        )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise ConfigurationError(f"{name} is not set")
    return value


def _secret(environ: Mapping[str, str]) -> bytes:
    try:
        secret = bytes.fromhex(_required(environ, "MINWON_SECRET_KEY"))
    except ValueError:
        raise ConfigurationError("MINWON_SECRET_KEY must be written in hexadecimal") from None
    if len(secret) < MINIMUM_SECRET_BYTES:
        raise ConfigurationError(
            f"MINWON_SECRET_KEY must have at least {MINIMUM_SECRET_BYTES * 2} hexadecimal digits"
        )
    return secret


def _yes(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "").strip().lower()
    if value not in ("", "0", "no", "1", "yes"):
        raise ConfigurationError(f"{name} is 1 or 0")
    return value in ("1", "yes")


def _whole(environ: Mapping[str, str], name: str, default: int, least: int) -> int:
    value = environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdecimal() and least <= int(value) <= 1_000_000):
        raise ConfigurationError(f"{name} is a whole number from {least} on")
    return int(value)


def _log_level(environ: Mapping[str, str]) -> str:
    level = environ.get("MINWON_LOG_LEVEL", "INFO").upper()
    if level not in LOG_LEVELS:
        raise ConfigurationError(f"MINWON_LOG_LEVEL is one of {', '.join(LOG_LEVELS)}")
    return level


def _networks(environ: Mapping[str, str], name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(text) for text in environ.get(name, "").replace(",", " ").split())
    except ValueError:
        raise ConfigurationError(f"{name} lists networks, as in 10.0.0.0/8, fd00::/8") from None


def _folder(environ: Mapping[str, str], name: str, default: Path) -> Path:
    path = Path(environ.get(name) or default)
    if not path.is_dir():
        raise ConfigurationError(f"{name}: there is no such folder")
    return path
