"""A citizen's look at a case, by receipt number and lookup code."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.api import lookup, views
from services.api.backend import Back
from services.cases import store

router = APIRouter(tags=["citizens"])


@router.get("/v1/track/{receipt_number}", summary="Where my complaint stands")
def track(
    receipt_number: str, back: Back, code: Annotated[str, Query(max_length=20)] = ""
) -> dict[str, Any]:
    """A wrong code and a number that does not exist give the same answer."""
    with lookup.opened(back, receipt_number, code) as (conn, case):
        events = store.list_events(conn, case.id)
    return views.for_citizen(case, events, back.pack)
