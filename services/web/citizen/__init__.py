"""What citizens see: the form, and the way of their complaint."""

from __future__ import annotations

from fastapi import APIRouter

from services.web.citizen import form, refile, track

router = APIRouter()
for room in (form, refile, track):
    router.include_router(room.router)
