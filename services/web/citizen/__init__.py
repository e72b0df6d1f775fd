"""What citizens see: the form, and the way of their complaint."""

from __future__ import annotations

from fastapi import APIRouter

from services.web.citizen import answering, form, refile, track

router = APIRouter()
for room in (form, refile, answering, track):  # the last takes any deed
    router.include_router(room.router)
