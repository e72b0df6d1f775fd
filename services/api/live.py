"""The call desk of an API process, with the engine and the articles that it asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from services.api.engine import EngineHolder
from services.cases.deadline import calendar, statutory_clock
from services.city import CityPack
from services.database import API, AsyncDatabase, Database, Scope, conninfo
from services.dialogue.desk import CallDesk, Surroundings
from services.dialogue.hub import Hub
from services.dialogue.understanding import Answer, Understander
from services.errors import TriageError
from services.intake.sealing import Sealer
from services.knowledge.desk import KnowledgeDesk, record_gap
from services.knowledge.search import NoAnswer
from services.settings import Settings

CONNECTIONS = 8
WARM_SECONDS = 30.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Articles:
    """The knowledge base as a call asks it: an answer fit to be read out, or none."""

    desk: KnowledgeDesk
    database: Database
    engine: EngineHolder
    timezone: ZoneInfo
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]

    def ready(self) -> bool:
        return self.desk.loaded

    def warm(self) -> None:
        """Build the index before the first caller asks: half a second beside the event loop."""
        if self.engine.wait(WARM_SECONDS):
            try:
                self.desk.search()
            except TriageError as error:
                _log.warning("articles_not_loaded", code=error.code)

    def answer(self, question: str) -> Answer | None:
        found = self.desk.answer(question, self.now().astimezone(self.timezone).date())
        if isinstance(found, NoAnswer):
            return None
        return Answer(found.article, found.text, found.confidence)

    def read(self, id: str) -> Answer | None:
        """An article of the menu, if it may be read out today."""
        found = self.desk.article(id, self.now().astimezone(self.timezone).date())
        return Answer(found.id, found.answer, 1.0) if found else None

    def in_vain(self, client: str, question: str) -> None:
        """Write down a question that nothing answered; `question` is masked."""
        now = self.now()
        search = self.desk.search()
        read = search.read([question])[0]
        found = search.answer(question, now.astimezone(self.timezone).date(), read)
        if not isinstance(found, NoAnswer):
            return
        version = self.engine.shared().version
        with self.database.transaction(Scope("channel", client=client)) as conn:
            record_gap(conn, question, found, read, version, self.new_id(), now)


def call_desk(
    settings: Settings,
    pack: CityPack,
    sealer: Sealer,
    engine: EngineHolder,
    knowledge: KnowledgeDesk,
    database: Database,
    now: Callable[[], datetime],
    new_id: Callable[[], UUID],
) -> CallDesk:
    days = calendar(pack)
    around = Surroundings(
        database=AsyncDatabase(settings.database_url, API, size=CONNECTIONS),
        pack=pack,
        sealer=sealer,
        due_at=statutory_clock(pack),
        calendar=days,
        new_id=new_id,
        now=now,
    )
    articles = Articles(knowledge, database, engine, days.timezone, now, new_id)
    understander = Understander(pack, engine.triage, articles.answer, articles.read)
    hub = Hub(conninfo(settings.database_url, API))
    return CallDesk(around, understander, hub, articles)
