"""The console of the staff: `/staff`. Each page is a module with a router of its own."""

from __future__ import annotations

from fastapi import APIRouter

from services.web.staff import account

router = APIRouter(prefix="/staff", include_in_schema=False)
for room in (account,):
    router.include_router(room.router)
