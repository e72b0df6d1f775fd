"""The console of the staff: `/staff`. Each page is a module with a router of its own."""

from __future__ import annotations

from fastapi import APIRouter

from services.web.staff import account, arbitration, overdue, review

router = APIRouter(prefix="/staff", include_in_schema=False)
for room in (account, review, arbitration, overdue):
    router.include_router(room.router)
