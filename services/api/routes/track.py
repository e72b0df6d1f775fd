"""A citizen's look at a case, by receipt number and lookup code."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.api import views
from services.api.backend import Back
from services.cases import store
from services.database import Scope
from services.errors import NotFound

router = APIRouter(tags=["citizens"])

RECEIPT_NUMBER = re.compile(r"\d{8}-\d{7,10}", re.ASCII)


@router.get("/v1/track/{receipt_number}", summary="Where my complaint stands")
def track(
    receipt_number: str, back: Back, code: Annotated[str, Query(max_length=20)] = ""
) -> dict[str, Any]:
    """A wrong code and a number that does not exist give the same answer."""
    if not RECEIPT_NUMBER.fullmatch(receipt_number):
        raise NotFound
    back.lookups.check(receipt_number)
    with back.database.transaction(Scope("citizen", receipt=receipt_number)) as conn:
        case = store.find_case_by_receipt(conn, receipt_number)
        if case is None or not back.sealer.lookup_matches(case.id, code):
            back.lookups.failed(receipt_number)
            raise NotFound
        events = store.list_events(conn, case.id)
    return views.for_citizen(case, events, back.pack)
