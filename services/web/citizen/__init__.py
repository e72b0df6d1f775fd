"""What citizens see: the form, and the way of their complaint."""

from __future__ import annotations

from fastapi import APIRouter

from services.web.citizen import form

router = APIRouter()
router.include_router(form.router)
