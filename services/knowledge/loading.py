"""The city pack's articles into the database, without touching what staff have made of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.city.articles import Article
from services.database import Connection
from services.knowledge import store
from services.knowledge.states import PACK, Held, Step


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many articles were new, changed by the pack, retired by it, or kept as staff left them
    although the pack has other words."""

    added: int = 0
    changed: int = 0
    retired: int = 0
    kept: int = 0


def load_articles(conn: Connection, articles: Sequence[Article], now: datetime) -> Loaded:
    """Bring articles that no member of staff touched to what the pack says; needs scope city.

    A confirmed article is approved; one that is not waits as a draft to be confirmed. Those that
    the pack no longer has are retired.
    """
    marks = store.list_pack_marks(conn)
    done = {"added": 0, "changed": 0, "retired": 0, "kept": 0}
    for article in articles:
        sha256, untouched, version, _ = marks.get(article.id, (None, False, 0, ""))
        mark = _sha256(article)
        if not version:
            store.add_article(conn, _step(article, 1, "load", now), mark)
            done["added"] += 1
        elif sha256 != mark and untouched:
            store.save_step(conn, _step(article, version + 1, "load", now), mark)
            done["changed"] += 1
        elif sha256 != mark:
            done["kept"] += 1
    gone = marks.keys() - {article.id for article in articles}
    for id in sorted(gone):
        _, untouched, version, state = marks[id]
        if untouched and state != "retired":
            store.save_step(conn, _retired(store.find_article(conn, id), now))
            done["retired"] += 1
    return Loaded(**done)


def _step(article: Article, version: int, action: str, now: datetime) -> Step:
    state, live = ("approved", version) if article.confirmed else ("draft", None)
    return Step(Held(article, version, state, PACK, live, True, now), action, PACK, now)


def _retired(held: Held, now: datetime) -> Step:
    after = replace(
        held, version=held.version + 1, state="retired", live_version=None, updated_at=now
    )
    return Step(after, "retire", PACK, now)


def _sha256(article: Article) -> bytes:
    text = json.dumps(store.content(article), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).digest()
