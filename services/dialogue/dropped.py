"""The sweeper of calls: ends those whose line dropped and files what was said in them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from uuid_utils.compat import uuid7

from services.cases.deadline import calendar, statutory_clock
from services.city import CityPack
from services.database import WORKER, AsyncDatabase, conninfo
from services.dialogue.desk import CallDesk, Surroundings
from services.dialogue.hub import Hub
from services.dialogue.understanding import Understander
from services.intake.sealing import Sealer
from services.settings import Settings

AT_ONCE = 200


class NoQuestions:
    """Nobody asks any more when a call is swept up."""

    def warm(self) -> None:
        return None

    def ready(self) -> bool:
        return True

    def in_vain(self, client: str, question: str) -> None:
        return None


def end_dropped(settings: Settings, pack: CityPack) -> int:
    """End calls without a turn for the pack's `abandoned_after_minutes`; returns how many."""
    return asyncio.run(_end_dropped(settings, pack))


async def _end_dropped(settings: Settings, pack: CityPack) -> int:
    around = Surroundings(
        database=AsyncDatabase(settings.database_url, WORKER, size=1, wait=10.0),
        pack=pack,
        sealer=Sealer(settings.secret_key),
        due_at=statutory_clock(pack),
        calendar=calendar(pack),
        new_id=uuid7,
        now=lambda: datetime.now(UTC),
    )
    understander = Understander(pack, lambda _: None, lambda _: None)
    hub = Hub(conninfo(settings.database_url, WORKER))
    desk = CallDesk(around, understander, hub, NoQuestions())
    await desk.open()
    try:
        return await desk.end_dropped(AT_ONCE)
    finally:
        await desk.close()
