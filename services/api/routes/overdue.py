"""The monthly list of what was late."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.api import cursors, views
from services.api.backend import Back, Caller
from services.api.routes.queue import Limit
from services.cases.queues import Position
from services.cases.reminders import store
from services.errors import Forbidden, InvalidField

router = APIRouter(tags=["supervisors"])


@router.get("/v1/overdue", summary="What was late in a month, as it stood when the month ended")
def list_overdue(
    back: Back,
    actor: Caller,
    month: Annotated[str, Query(pattern=r"^\d{4}-\d{2}$", description="As in 2026-08.")],
    agency: str | None = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    actor.require("staff", "supervisor")
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise InvalidField("There is no such month.") from None
    wanted = back.pack.agency_named(agency) if agency else None
    if agency and wanted is None:
        raise InvalidField("There is no such agency.")
    if wanted and actor.agency_id not in (None, wanted.id):
        raise Forbidden
    agency_id = wanted.id if wanted else actor.agency_id
    departments = list(actor.departments) if actor.departments else None
    with back.database.transaction(actor.scope) as conn:
        page = store.list_overdue(
            conn, first, agency_id, departments, cursors.decode(cursor), limit
        )
    last = page[-1] if len(page) == limit else None
    return {
        "items": [views.late(item, back.pack) for item in page],
        "next_cursor": cursors.encode(Position(last.due_at, 0, last.case_id)) if last else None,
    }
