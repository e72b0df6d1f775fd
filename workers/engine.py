"""What a worker process holds for its whole life: a pool, the city pack, the model, the senders."""

from __future__ import annotations

from functools import cache

from models.engine import load as load_model
from services.cases.deadline import statutory_clock
from services.cases.dispatch import Dispatcher
from services.city import load as load_city
from services.database import WORKER, Database
from services.notices import senders
from services.notices.desk import NoticeDesk
from services.settings import Settings
from services.triage.triage import Triage


@cache
def settings() -> Settings:
    return Settings.from_environment()


@cache
def database() -> Database:
    """This process's pool; never opened before a fork."""
    opened = Database(settings().database_url, WORKER, size=4, wait=10.0)
    opened.open()
    return opened


@cache
def dispatcher() -> Dispatcher:
    """Loads the model: about half a second for the shipped one."""
    pack = load_city(settings().city_pack)
    model = load_model(settings().model, settings().embedder)
    return Dispatcher(database(), Triage(pack, model), pack, statutory_clock(pack))


@cache
def notices() -> NoticeDesk:
    pack = load_city(settings().city_pack)
    return NoticeDesk(database(), senders.build(settings(), pack), statutory_clock(pack))
