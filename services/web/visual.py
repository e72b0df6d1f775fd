"""The caller's page `/v/{token}`: large buttons on a telephone, in step with what was tapped.

Every button is a form that is answered by a redirect, so the page needs no script; a script brings
the place of the telephone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter
from sse_starlette.sse import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.api.backend import Backend, backend, new_id, now, validated
from services.city.menus import Menu, Node
from services.dialogue.store import PageOfCall
from services.dialogue.turns import Tap as TurnTap
from services.errors import TriageError
from services.intake.desk import Receipt
from services.intake.payload import MAX_UPLOADS
from services.visual import filing
from services.visual import session as sessions
from services.visual.session import Session, Tap
from services.visual.store import LIFETIME, PAGE, Kept
from services.web.forms import Posted, text
from services.web.pages import Pages, Rendered

router = APIRouter(include_in_schema=False)

FORM: Final = "_form"
FIELDS: Final = ("text", "dong", "address", "lat", "lon")
FAULTS: Final = frozenset(
    {"file_too_large", "unsupported_file_type", "file_type_mismatch", "empty_file"}
)


@router.get("/v/{token}")
async def show(request: Request, token: str, pages: Rendered, fault: str = "") -> Response:
    back = backend(request)
    kept = await run_in_threadpool(_find, back, token)
    if kept is None:
        return await _call_page(request, back, token, pages)
    if not kept.alive(now()):
        return pages.answer(request, "visual/expired.html", 410)
    if kept.session.screen == "filing":
        kept = await _file(back, kept)
    shown = fault if fault in FAULTS else ""
    values = _values(back, kept, token, shown)
    language = kept.session.language
    return HTMLResponse(pages.render("visual/page.html", language, request=request, **values))


@router.post("/v/{token}")
async def tap(request: Request, token: str, posted: Posted) -> Response:
    """A tap. A stale one changes nothing and leads to the current screen."""
    back = backend(request)
    filled = {name: text(posted, name) for name in FIELDS}
    touched = Tap(text(posted, "node_id"), _number(text(posted, "rev")), filled)
    kept = await run_in_threadpool(_tap, back, token, touched)
    if kept is None:
        await _tap_call(back, token, touched)
    elif kept.session.screen == "filing":
        await _file(back, kept)
    return _again(token)


@router.get("/v/{token}/events")
async def follow(token: str, request: Request) -> Response:
    """The revisions of a call's screen as they come; the page then fetches itself."""
    back = backend(request)
    call = await back.calls.page(token)
    if call is None or call.ended_at is not None:
        return Response(status_code=204)  # EventSource then stays away
    return EventSourceResponse(_revisions(back, call))


async def _revisions(back: Backend, call: PageOfCall) -> AsyncIterator[dict[str, str]]:
    seen = -1
    async for _ in back.calls.hub.changes(str(call.id)):
        state, ended_at = await back.calls.shown(call.client, call.id)
        if state.screen_rev != seen or ended_at is not None:
            seen = state.screen_rev
            ended = "-ended" if ended_at is not None else ""
            yield {"event": "screen", "id": str(seen), "data": f"{seen}{ended}"}
        if ended_at is not None:
            return


async def _call_page(request: Request, back: Backend, token: str, pages: Pages) -> Response:
    call = await back.calls.page(token)
    if call is None or (call.ended_at is not None and now() > call.ended_at + LIFETIME):
        return pages.answer(request, "visual/expired.html", 410)
    state, ended_at = await back.calls.shown(call.client, call.id)
    menu = back.pack.menus.current
    at = request.query_params.get("at", "")
    group = at if at in menu.nodes and not menu.nodes[at].is_leaf else None
    values = {
        "action": f"/v/{token}",
        "rev": state.screen_rev,
        "screen": state.screen,
        "ended": ended_at is not None,
        "receipts": [filed.receipt_number for filed in state.filed],
        "numbers": emergency_numbers(back, menu),
        "nodes": [n for n in menu.children(group) if not n.action and n.id != "emergency"],
        "group": menu.nodes[group] if group else None,
        "with_menu": state.screen.get("name") in ("matter", "detail") and ended_at is None,
        "dongs": dongs_by_district(back),
    }
    language = state.language
    return HTMLResponse(pages.render("visual/call.html", language, request=request, **values))


async def _tap_call(back: Backend, token: str, touched: Tap) -> None:
    """A tap on a call's page is a turn of the call, made here."""
    call = await back.calls.page(token)
    if call is None or call.ended_at is not None or touched.screen_rev < 0:
        return
    node = back.pack.menus.current.nodes.get(touched.node_id)
    place = sessions.place_of(touched.form, back.pack)
    given = {"text": touched.form["text"], "dong": place.dong, "address": place.address}
    form: dict[str, Any] = {name: value for name, value in given.items() if value}
    if place.lat is not None:
        form |= {"lat": place.lat, "lon": place.lon}
    if touched.node_id == FORM and not form:
        return
    body = {
        "node_id": node.service if node and node.service else touched.node_id or FORM,
        "screen_rev": touched.screen_rev,
        "form": form if touched.node_id == FORM else None,
    }
    await back.calls.tap(call.client, call.id, validated(TurnTap, body))


@router.post("/v/{token}/photo")
async def photo(request: Request, token: str) -> Response:
    """One photograph, kept until the complaint names it."""
    back = backend(request)
    kept = await run_in_threadpool(_find, back, token)
    if kept is None or not kept.alive(now()) or kept.session.screen != "photo":
        return _again(token)
    async with request.form(max_files=1, max_fields=4) as form:
        sent = form.get("photo")
        if sent is None or isinstance(sent, str) or not sent.filename:
            return _again(token)
        try:
            upload = await back.uploads.accept(_pieces(sent), sent.filename, kept.client, uuid4())
        except TriageError as error:
            if error.code not in FAULTS:
                raise
            return _again(token, error.code)
    await run_in_threadpool(_add_photo, back, kept, str(upload.id))
    return _again(token)


def _find(back: Backend, token: str) -> Kept | None:
    with back.database.transaction(PAGE) as conn:
        return back.sessions.find(conn, token)


def _tap(back: Backend, token: str, touched: Tap) -> Kept | None:
    """The session after the tap; of two taps on one screen the first is written."""
    with back.database.transaction(PAGE) as conn:
        kept = back.sessions.find(conn, token)
        if kept is None or not kept.alive(now()):
            return None
        done = sessions.tap(kept.session, touched, menu_of(back, kept), back.pack)
        if done.stale:
            return kept
        return back.sessions.save(conn, kept, done.session, now())


def _add_photo(back: Backend, kept: Kept, id: str) -> None:
    with back.database.transaction(PAGE) as conn:
        back.sessions.save(conn, kept, sessions.add_photo(kept.session, id), now())


async def _file(back: Backend, kept: Kept) -> Kept:
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


def _values(back: Backend, kept: Kept, token: str, fault: str) -> dict[str, Any]:
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
        "dongs": dongs_by_district(back),
        "most_photos": min(sessions.MAX_PHOTOS, MAX_UPLOADS),
        "most_text": sessions.MAX_TEXT,
    }


def _listed(session: Session, node: Node) -> bool:
    """Emergencies stand above every screen and are not listed again."""
    return session.group is not None or node.id not in ("emergency",)


def _path(menu: Menu, group: str | None) -> tuple[str, ...]:
    return menu.path(group) if group in menu.nodes and group else ()


def emergency_numbers(back: Backend, menu: Menu) -> list[tuple[Node, str]]:
    """The leaves that are always in sight, with the number that each calls."""
    pack = back.pack
    found = []
    for node in menu.emergencies():
        agency = pack.agencies[pack.services[node.service or ""].target or ""]
        found.append((node, agency.name))
    return found


def dongs_by_district(back: Backend) -> list[tuple[str, list[tuple[str, str]]]]:
    grouped: dict[str, list[tuple[str, str]]] = {}
    for whole in sorted(set(sessions.dongs(back.pack).values())):
        district, _, name = whole.partition(" ")
        grouped.setdefault(district, []).append((whole, name))
    return list(grouped.items())


def _again(token: str, fault: str = "") -> Response:
    query = f"?fault={fault}" if fault else ""
    return RedirectResponse(f"/v/{token}{query}", 303)


async def _pieces(sent: Any) -> AsyncIterator[bytes]:
    while piece := await sent.read(65_536):
        yield piece


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else -1
