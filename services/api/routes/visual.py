"""The visual ARS for an ARS: the current menu, and links for callers."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header
from pydantic import Field
from starlette.responses import JSONResponse, Response

from services.api.backend import Back, Backend, Caller, Json, described, new_id, now, validated
from services.city.menus import Language, Menu, Node
from services.intake.payload import Strict
from services.visual.session import Session
from services.visual.store import Kept

router = APIRouter(prefix="/v1/visual-ars", tags=["visual ARS"])

NoneMatch = Annotated[str | None, Header(alias="If-None-Match")]


class SessionIn(Strict):
    """A link for the caller of `call_id`, the `id` of a live call; or one that stands alone."""

    call_id: Annotated[UUID, Field(strict=False)] | None = None
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
def open_session(back: Back, actor: Caller, body: Json) -> dict[str, Any]:
    """The link lives for half an hour after its last use or the end of its call."""
    actor.require("channel")
    asked = validated(SessionIn, body)
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
