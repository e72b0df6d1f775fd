"""What a worker process holds for its whole life: a pool, the city pack, the model, the senders."""

from __future__ import annotations

from functools import cache

from uuid_utils.compat import uuid7

from models.engine import load as load_model
from services.cases.deadline import statutory_clock
from services.cases.dispatch import Dispatcher
from services.city import load as load_city
from services.database import API, WORKER, AsyncDatabase, Database
from services.intake.desk import IntakeDesk
from services.intake.sealing import Sealer
from services.notices import senders
from services.notices.desk import NoticeDesk
from services.settings import Settings
from services.triage.triage import Triage
from services.visual.sweep import Sweeper


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


@cache
def visual_sweeper() -> Sweeper:
    """Files under the role of the API, as the page itself does."""
    held, url = dispatcher(), settings().database_url
    return Sweeper(
        database=database(),
        desk=lambda: IntakeDesk(AsyncDatabase(url, API), held.pack.timezone),
        pack=held.pack,
        sealer=Sealer(settings().secret_key),
        due_at=held.due_at,
        new_id=uuid7,
    )
