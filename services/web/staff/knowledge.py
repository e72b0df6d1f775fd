"""`/staff/knowledge`: approved answers, found, looked over, approved by someone else, retired."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal, cast, get_args

from fastapi import APIRouter
from starlette.responses import Response

from services.access.staff import display_names
from services.api.routes import knowledge as routes
from services.knowledge import states, store
from services.web import forms
from services.web.staff.frame import Frame, Framed
from services.web.staff.history import who

router = APIRouter(prefix="/knowledge")

HERE: Final = "/staff/knowledge"
PAGE: Final = 50
State = Literal["draft", "in_review", "approved", "retired"]
STATES: Final = get_args(State)


@router.get("")
def show_list(
    frame: Framed, q: str = "", state: str = "", agency: str = "", cursor: str | None = None
) -> Response:
    wanted = cast(State, state) if state in STATES else None
    found = routes.list_articles(
        frame.back,
        frame.actor,
        q=q[:200] or None,
        state=wanted,
        agency=agency if frame.back.pack.agency_named(agency) else None,
        cursor=cursor,
        limit=PAGE,
    )
    return frame.page(
        "staff/knowledge.html",
        items=found["items"],
        changed=datetime.fromisoformat,
        older=found["next_cursor"],
        q=q,
        state=state,
        agency=agency,
        states=STATES,
    )


@router.get("/ask")
def ask(frame: Framed, q: str = "") -> Response:
    """What a caller with this question would hear."""
    frame.actor.require(*routes.READERS)
    found: list[dict[str, Any]] = []
    if q.strip():
        found = routes.search(frame.back, frame.actor, q=q[:1000])["items"]
    return frame.page("staff/knowledge_ask.html", q=q, items=found)


@router.get("/articles/{id}")
def show(id: str, frame: Framed) -> Response:
    return _page(frame, id)


@router.post("/articles/{id}/{action}")
def act(id: str, action: str, frame: Framed, form: forms.Posted) -> Response:
    """Submit, approve, return or retire. Whoever wrote an article does not approve it."""
    reason = forms.text(form, "reason")
    if action == "return" and not reason:
        return _page(frame, id, 422, "reason")
    body = {"reason": reason} if action == "return" else {}
    try:
        version = forms.text(form, "version")
        routes.act(id, action, frame.back, frame.actor, body, Response(), version)
    except (store.StaleArticle, states.IllegalStep):
        return _page(frame, id, 409, "stale_version", reason)
    except states.FourEyes:
        return _page(frame, id, 403, "four_eyes")
    return frame.to(f"{HERE}/articles/{id}", f"article_{action}")


def _page(frame: Frame, id: str, status: int = 200, fault: str = "", reason: str = "") -> Response:
    actor = frame.actor
    actor.require(*routes.READERS)
    with frame.back.database.transaction(actor.scope) as conn:
        held = store.find_article(conn, id)
        versions = store.list_versions(conn, id)
        names = display_names(conn, [held.editor, *(version.actor for version in versions)])
    own = actor.agency_id in (None, held.article.agency)
    decides = own and actor.role in ("triage", "supervisor", "admin")
    return frame.page(
        "staff/article.html",
        status,
        held=held,
        versions=versions[::-1],
        can={
            "edit": own,
            "submit": own and held.state == "draft",
            "approve": decides and held.state == "in_review" and held.editor != actor.name,
            "return": decides and held.state == "in_review",
            "retire": decides and held.state in states.FROM["retire"],
        },
        fault=fault,
        reason=reason,
        who=lambda name: who(name, names, frame.say),
    )
