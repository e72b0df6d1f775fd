"""The console of the staff: `/staff`. Each page is a module with a router of its own."""

from __future__ import annotations

from fastapi import APIRouter

from services.web.staff import account, arbitration, case, overdue, queue, review

router = APIRouter(prefix="/staff", include_in_schema=False)
router.add_api_route("", queue.my_cases)
for room in (queue, case, account, review, arbitration, overdue):
    router.include_router(room.router)
