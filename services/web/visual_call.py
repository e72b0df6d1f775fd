"""The page of a live call: shows what the dialogue asks, and turns taps into turns of the call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from services.api.backend import Backend, now, validated
from services.city.menus import Node
from services.dialogue.store import PageOfCall
from services.dialogue.turns import Tap as TurnTap
from services.intake.payload import MAX_UPLOADS
from services.visual import session as sessions
from services.visual.session import Tap
from services.visual.store import LIFETIME
from services.web.visual_parts import dongs_by_district, emergency_numbers

FORM = "_form"
WITH_MENU = frozenset({"matter", "detail"})


async def find(back: Backend, token: str) -> PageOfCall | None:
    """The call that a link leads to, until half an hour after its end."""
    call = await back.calls.page(token)
    if call is None or (call.ended_at is not None and now() > call.ended_at + LIFETIME):
        return None
    return call


async def values(
    back: Backend, call: PageOfCall, token: str, at: str, fault: str
) -> dict[str, Any]:
    """What the template needs. `at` is the group of the menu that is open."""
    state, ended_at = await back.calls.shown(call.client, call.id)
    menu = back.pack.menus.current
    group = menu.nodes.get(at)
    if group is not None and group.is_leaf:
        group = None
    name, ended = state.screen.get("name"), ended_at is not None
    return {
        "action": f"/v/{token}",
        "rev": state.screen_rev,
        "reader": state.language,
        "screen": state.screen,
        "ended": ended,
        "receipts": [
            (one.receipt_number, back.sealer.lookup_code(UUID(one.id))) for one in state.filed
        ],
        "numbers": emergency_numbers(back, menu),
        "nodes": [n for n in menu.children(group.id if group else None) if _listed(n)],
        "group": group,
        "with_menu": name in WITH_MENU and not ended,
        "with_photo": name == "confirm" and not ended and state.matter.usable,
        "most_photos": min(sessions.MAX_PHOTOS, MAX_UPLOADS),
        "dongs": dongs_by_district(back),
        "fault": fault,
    }


def _listed(node: Node) -> bool:
    """A call has its own buttons for people and messages; emergencies stand above all."""
    return node.action is None and node.id != "emergency"


async def tap(back: Backend, call: PageOfCall, touched: Tap, photos: tuple[str, ...] = ()) -> None:
    """Make a turn of the call out of a tap; nothing after the call or from a screen of before."""
    if call.ended_at is not None or touched.screen_rev < 0:
        return
    form = _form(back, touched, photos)
    if touched.node_id == FORM and not form:
        return
    body = {
        "node_id": touched.node_id or FORM,
        "screen_rev": touched.screen_rev,
        "form": form if touched.node_id == FORM else None,
    }
    await back.calls.tap(call.client, call.id, validated(TurnTap, body))


def _form(back: Backend, touched: Tap, photos: tuple[str, ...]) -> dict[str, Any]:
    place = sessions.place_of(touched.form, back.pack)
    text = touched.form.get("text", "")[: sessions.MAX_TEXT]
    given = {"text": text, "dong": place.dong, "address": place.address, "attachments": photos}
    form: dict[str, Any] = {name: value for name, value in given.items() if value}
    if place.lat is not None:
        form |= {"lat": place.lat, "lon": place.lon}
    return form


async def revisions(back: Backend, call: PageOfCall) -> AsyncIterator[dict[str, str]]:
    """The revisions of the screen as they come; the page then fetches itself."""
    seen = -1
    async for _ in back.calls.hub.changes(str(call.id)):
        state, ended_at = await back.calls.shown(call.client, call.id)
        if state.screen_rev != seen or ended_at is not None:
            seen = state.screen_rev
            ended = "-ended" if ended_at is not None else ""
            yield {"event": "screen", "id": str(seen), "data": f"{seen}{ended}"}
        if ended_at is not None:
            return
