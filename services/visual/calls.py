"""The page of a live call, for the dialogue: open it, show on it, take a tap from it, end it.

All four run in the transaction of the turn, under the channel's scope. The rev they give is the
one that `visual {screen, rev}` and `meta.screen_rev` name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.city.menus import Language
from services.city.pack import CityPack
from services.database import Connection
from services.visual import session as sessions
from services.visual.session import Screen, Tap, Tapped
from services.visual.store import Kept, SessionStore


@dataclass(frozen=True, slots=True)
class CallPages:
    """The pages of calls in one city."""

    pack: CityPack
    store: SessionStore

    def open(
        self,
        conn: Connection,
        call_id: UUID,
        *,
        id: UUID,
        client: str,
        now: datetime,
        language: Language = "ko",
    ) -> Kept:
        """The page of a call, with the new `id` or, if the call has one, as it stands."""
        return self.store.add(
            conn,
            id,
            sessions.begin(in_call=True, language=language),
            client=client,
            call_id=call_id,
            menu_version=self.pack.menus.current.version,
            now=now,
        )

    def url(self, kept: Kept) -> str:
        """The path of the caller's link."""
        return f"/v/{self.store.sealer.link_token(kept.id)}"

    def show(
        self,
        conn: Connection,
        call_id: UUID,
        screen: Screen,
        shown: Mapping[str, Any],
        now: datetime,
        language: Language | None = None,
    ) -> int:
        """Put a screen on the call's page and give its rev; 0 for a call without a page.

        `shown` by screen, all optional, all masked: `prompt` (menu, write, place, listen, confirm:
        what the voice asks), `text` (answer), `agency` and `number` (connect, emergency; the agency
        by its id), `receipt_number`, `lookup_code`, `due_at` (receipt).
        """
        kept = self.store.lock_of_call(conn, call_id)
        if kept is None:
            return 0
        after = sessions.show(kept.session, screen, shown, language)
        saved = self.store.save(conn, kept, after, now)
        return saved.session.rev if saved else 0

    def tap(self, conn: Connection, call_id: UUID, touched: Tap, now: datetime) -> Tapped | None:
        """What a tap does to the page, and what it says to the dialogue; None without a page.

        A stale tap changes nothing: answer it with the screen and rev of `session`.
        """
        kept = self.store.lock_of_call(conn, call_id)
        if kept is None:
            return None
        menu = self.pack.menus.versions.get(kept.menu_version, self.pack.menus.current)
        tapped = sessions.tap(kept.session, touched, menu, self.pack)
        if not tapped.stale:
            self.store.save(conn, kept, tapped.session, now)
        return tapped

    def end(self, conn: Connection, call_id: UUID, now: datetime) -> int:
        """The call is over: the page says so, keeps its receipt, and lives half an hour more."""
        kept = self.store.lock_of_call(conn, call_id)
        if kept is None:
            return 0
        saved = self.store.save(conn, kept, sessions.ended(kept.session), now)
        return saved.session.rev if saved else 0
