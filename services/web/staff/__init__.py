"""The console of the staff: `/staff`. Each page is a module with a router of its own."""

from __future__ import annotations

from fastapi import APIRouter

from services.web.staff import (
    account,
    arbitration,
    articles,
    case,
    cooperations,
    files,
    knowledge,
    notices,
    overdue,
    people,
    queue,
    review,
    templates,
    webhooks,
)

router = APIRouter(prefix="/staff", include_in_schema=False)
router.add_api_route("", queue.my_cases)
for room in (
    *(queue, case, files, cooperations, account, review, arbitration, overdue),
    *(notices, webhooks, articles, knowledge, templates, people),
):
    router.include_router(room.router)
