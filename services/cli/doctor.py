"""What an operator asks first when something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from smtplib import SMTPException

import psycopg
from kombu.connection import Connection
from kombu.exceptions import OperationalError

from models.engine import load as load_model
from models.errors import ModelError
from services.city import check
from services.city import load as load_city
from services.errors import TriageError
from services.insight.store import gauge_heartbeats
from services.migrate import migrations
from services.notices.senders import Senders
from services.notices.senders import build as build_senders
from services.settings import Settings

SILENT_SECONDS = 30.0


def examine(environ: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    """(what was looked at, what is wrong with it or None), one after another."""
    try:
        settings = Settings.from_environment(environ)
    except TriageError as error:
        yield "settings", error.detail
        return
    yield "settings", None
    looks: dict[str, Callable[[Settings], str | None]] = {
        "database": _database,
        "redis": _redis,
        "city pack": _city,
        "model": _model,
        "processes": _processes,
    }
    for name, look in looks.items():
        yield name, look(settings)
    yield from _senders(settings)


def _database(settings: Settings) -> str | None:
    try:
        with psycopg.connect(settings.database_url, connect_timeout=5) as conn:
            row = conn.execute("SELECT max(version) FROM schema_migrations").fetchone()
    except psycopg.Error as error:
        return f"not reachable ({type(error).__name__})"
    newest = migrations()[-1].version
    found = row[0] if row else None
    return None if found == newest else f"schema {found}, this version needs {newest}"


def _redis(settings: Settings) -> str | None:
    try:
        with Connection(settings.redis_url, transport_options={"socket_timeout": 5}) as broker:
            broker.ensure_connection(max_retries=1, timeout=5)
    except (OperationalError, OSError) as error:
        return f"not reachable ({type(error).__name__}); complaints are still taken and placed"
    return None


def _city(settings: Settings) -> str | None:
    problems = check(settings.city_pack)
    return f"{len(problems)} problems; see `minwon city check`" if problems else None


def _model(settings: Settings) -> str | None:
    try:
        load_model(settings.model, settings.embedder)
    except (ValueError, OSError, TriageError, ModelError) as error:
        return f"does not load ({type(error).__name__})"
    return None


def _processes(settings: Settings) -> str | None:
    try:
        with psycopg.connect(settings.database_url, connect_timeout=5) as conn:
            ages = dict(gauge_heartbeats(conn))
    except psycopg.Error:
        return "unknown without the database"
    silent = [name for name in ("worker", "relay", "beat") if ages.get(name, 1e9) > SILENT_SECONDS]
    return f"silent: {', '.join(silent)}" if silent else None


def _senders(settings: Settings) -> Iterator[tuple[str, str | None]]:
    """Whether notices can leave; without a sender they stay unsent, which is no fault."""
    try:
        senders = build_senders(settings, load_city(settings.city_pack))
    except TriageError as error:
        yield "senders", error.detail
        return
    yield ("mail" if senders.mail else "mail (not set: such notices stay unsent)"), _mail(senders)
    yield ("sms" if senders.sms else "sms (not set: such notices stay unsent)"), None


def _mail(senders: Senders) -> str | None:
    if senders.mail is None:
        return None
    try:
        senders.mail.check()
    except (SMTPException, OSError) as error:
        return f"the server cannot be used ({type(error).__name__})"
    return None
