"""The visual ARS for an ARS: the current menu, and links for callers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from services.access.actor import Actor
from services.api.backend import Back, Backend, Caller, Json, described, new_id, now, validated
from services.city.menus import Language, Menu, Node
from services.dialogue.faults import CallEnded
from services.intake.payload import Name, Strict
from services.visual.session import Session
from services.visual.store import LIFETIME, Kept

router = APIRouter(prefix="/v1/visual-ars", tags=["visual ARS"])

NoneMatch = Annotated[str | None, Header(alias="If-None-Match")]


class SessionIn(Strict):
    """A link for the caller of a live call, named by its `id` or by the ARS's own `call_id`; or one
    that stands alone, in `language`. A call's page speaks the language of the call.
    """

    call_id: Name | None = None
    language: Language = "ko"


@router.get("/menus/current", summary="The menu that callers are shown now")
def current_menu(back: Back, actor: Caller, if_none_match: NoneMatch = None) -> Response:
    """A finished path is a list of ids from the top. A version never changes."""
    actor.require("channel", "staff", "triage", "supervisor")
    menu = back.pack.menus.current
    headers = {"ETag": f'"menu-{menu.version}"', "Cache-Control": "private, no-cache"}
    if headers["ETag"] in (if_none_match or ""):
        return Response(status_code=304, headers=headers)
    return JSONResponse(menu_json(menu), headers=headers)


@router.post(
    "/sessions",
    status_code=201,
    summary="A link to a caller's page",
    openapi_extra=described(SessionIn),
)
async def open_session(back: Back, actor: Caller, body: Json) -> dict[str, Any]:
    """The link lives for half an hour after its last use or the end of its call.

    A call has one page, so asking again for the same call gives the same link. `expires_at` is null
    while the call goes on.
    """
    actor.require("channel")
    asked = validated(SessionIn, body)
    if asked.call_id is not None:
        return await _page_of_call(back, actor, asked.call_id)
    return await run_in_threadpool(_stand_alone, back, actor, asked)


async def _page_of_call(back: Backend, actor: Actor, named: str) -> dict[str, Any]:
    call = await back.calls.call_to_show(actor.client, named)
    expires_at = call.ended_at + LIFETIME if call.ended_at else None
    if expires_at is not None and expires_at <= now():
        raise CallEnded
    state, _ = await back.calls.shown(actor.client, call.id)
    token = back.calls.link(call.id)
    return {
        "id": str(call.id),
        "token": token,
        "visual_url": f"/v/{token}",
        "menu_version": back.pack.menus.current.version,
        "screen_rev": state.screen_rev,
        "expires_at": expires_at,
    }


def _stand_alone(back: Backend, actor: Actor, asked: SessionIn) -> dict[str, Any]:
    with back.database.transaction(actor.scope) as conn:
        opened = back.sessions.add(
            conn,
            new_id(),
            Session(language=asked.language),
            client=actor.client,
            menu_version=back.pack.menus.current.version,
            now=now(),
        )
    return _session(back, opened)


def menu_json(menu: Menu) -> dict[str, Any]:
    """A version as a tree: groups have `children`, leaves what they lead to."""
    return {
        "menu_version": menu.version,
        "published": menu.published,
        "languages": ["ko", "en"],
        "tree": [_node(menu, node) for node in menu.children(None)],
    }


def _node(menu: Menu, node: Node) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": node.id, "label": {"ko": node.ko, "en": node.en}}
    for name in ("service", "article", "action"):
        if getattr(node, name):
            shown[name] = getattr(node, name)
    if not node.is_leaf:
        shown["children"] = [_node(menu, child) for child in menu.children(node.id)]
    return shown


def _session(back: Backend, kept: Kept) -> dict[str, Any]:
    token = back.sessions.token(kept)
    return {
        "id": str(kept.id),
        "token": token,
        "visual_url": f"/v/{token}",
        "menu_version": kept.menu_version,
        "screen_rev": kept.session.rev,
        "expires_at": kept.expires_at,
    }
