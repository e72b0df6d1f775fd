"""`/staff/notices`: what waits to be told, what cannot be told, and the calls people still make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from services.access.staff import display_names
from services.api.backend import PathId
from services.api.routes import notices as routes
from services.notices import store
from services.web import forms
from services.web.staff.frame import Frame, Framed

router = APIRouter(prefix="/notices")

PAGE: Final = 50
HERE: Final = "/staff/notices"
TABS: Final[Mapping[str, str]] = {
    "open": "waiting,task,unsent,dead",
    "task": "task",
    "waiting": "waiting",
    "unsent": "unsent",
    "dead": "dead",
    "delivered": "delivered",
}
"""What each tab lists, as the states of the interface."""


@router.get("")
def show(frame: Framed, tab: str = "open", cursor: UUID | None = None) -> Response:
    tab = tab if tab in TABS else "open"
    found = routes.list_notices(frame.back, frame.actor, state=TABS[tab], cursor=cursor, limit=PAGE)
    with frame.back.database.transaction(frame.actor.scope) as conn:
        counts = Counter({name: count for name, count, _ in store.gauge_notices(conn)})
        told = [item["recipient"] for item in found["items"] if item["audience"] == "staff"]
        names = display_names(conn, told)
    counts["waiting"] += counts["retrying"]
    return frame.page(
        "staff/notices.html",
        tab=tab,
        tabs=list(TABS),
        counts=None if frame.actor.departments else counts,
        items=found["items"],
        names=names,
        older=f"{HERE}?tab={tab}&cursor={found['next_cursor']}" if found["next_cursor"] else "",
    )


@router.post("/{id}/retry")
def retry(id: PathId, frame: Framed, form: forms.Posted) -> Response:
    try:
        routes.retry(id, frame.back, frame.actor, None)
    except routes.NotRetryable:
        return _back(frame, form, "notice_not_retryable")
    return _back(frame, form, "notice_retried")


@router.post("/{id}/done")
def done(id: PathId, frame: Framed, form: forms.Posted) -> Response:
    """The citizen was told on the telephone; a result that was told closes its case."""
    try:
        routes.done(id, frame.back, frame.actor, None)
    except routes.NotACall:
        return _back(frame, form, "notice_not_a_call")
    return _back(frame, form, "notice_done")


def _back(frame: Frame, form: forms.Posted, said: str) -> Response:
    tab = forms.text(form, "tab")
    return frame.to(f"{HERE}?tab={tab}" if tab in TABS else HERE, said)
