"""The caller's page that no call leads: finds, taps and files its session."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool

from services.api.backend import Backend, new_id, now
from services.city.menus import Menu, Node
from services.intake.desk import Receipt
from services.intake.payload import MAX_UPLOADS
from services.visual import filing
from services.visual import session as sessions
from services.visual.session import Session, Tap
from services.visual.store import PAGE, Kept
from services.web.visual_parts import article, dongs_by_district, emergency_numbers


def find(back: Backend, token: str) -> Kept | None:
    with back.database.transaction(PAGE) as conn:
        return back.sessions.find(conn, token)


def tap(back: Backend, token: str, touched: Tap) -> Kept | None:
    """The session after the tap; of two taps on one screen the first is written."""
    with back.database.transaction(PAGE) as conn:
        kept = back.sessions.find(conn, token)
        if kept is None or not kept.alive(now()):
            return None
        done = sessions.tap(kept.session, touched, menu_of(back, kept), back.pack)
        if done.stale:
            return kept
        return back.sessions.save(conn, kept, done.session, now())


def add_photo(back: Backend, kept: Kept, id: str) -> None:
    with back.database.transaction(PAGE) as conn:
        back.sessions.save(conn, kept, sessions.add_photo(kept.session, id), now())


async def file(back: Backend, kept: Kept) -> Kept:
    """File the complaint and show its receipt; sent twice, it is filed once."""
    built = await run_in_threadpool(
        filing.record,
        kept,
        pack=back.pack,
        sealer=back.sealer,
        due_at=back.due_at,
        now=now(),
        new_id=new_id,
    )
    outcome = await back.intake.file(built)
    if not isinstance(outcome, Receipt):
        raise outcome
    receipt = {
        "receipt_number": outcome.receipt_number or "",
        "lookup_code": back.sealer.lookup_code(outcome.complaint_id),
    }
    return await run_in_threadpool(_save_filed, back, kept, receipt)


def _save_filed(back: Backend, kept: Kept, receipt: dict[str, str]) -> Kept:
    with back.database.transaction(PAGE) as conn:
        saved = back.sessions.save(conn, kept, sessions.filed(kept.session, receipt), now())
        found = saved or back.sessions.find(conn, back.sessions.token(kept))
    return found or kept


def menu_of(back: Backend, kept: Kept) -> Menu:
    return back.pack.menus.versions.get(kept.menu_version, back.pack.menus.current)


def values(back: Backend, kept: Kept, token: str, fault: str) -> dict[str, Any]:
    """What the template needs of a session."""
    session, menu = kept.session, menu_of(back, kept)
    leaf = menu.nodes.get(session.leaf or "")
    return {
        "session": session,
        "action": f"/v/{token}",
        "fault": fault,
        "numbers": emergency_numbers(back, menu),
        "lines": menu.lines,
        "choices": [n for n in menu.children(session.group) if _listed(session, n)],
        "crumbs": [menu.nodes[id] for id in _path(menu, session.group)],
        "leaf": leaf,
        "article": shown_article(back, session, menu),
        "dongs": dongs_by_district(back),
        "most_photos": min(sessions.MAX_PHOTOS, MAX_UPLOADS),
        "most_text": sessions.MAX_TEXT,
    }


def shown_article(back: Backend, session: Session, menu: Menu) -> Any:
    """The article of the answer screen in the reader's language, or None."""
    if session.screen != "answer":
        return None
    leaf = next((n for n in menu.nodes.values() if n.article == session.shown["article"]), None)
    if leaf is None:
        return None
    return article(back, leaf.article_in(session.language)) or article(back, leaf.article or "")


def _listed(session: Session, node: Node) -> bool:
    """Emergencies stand above every screen and are not listed again."""
    return session.group is not None or node.id not in ("emergency",)


def _path(menu: Menu, group: str | None) -> tuple[str, ...]:
    return menu.path(group) if group in menu.nodes and group else ()
