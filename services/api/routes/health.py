"""Is the process up, and can it do its work?"""

from __future__ import annotations

from fastapi import APIRouter

from services.api.backend import Back

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="The process answers")
def alive() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", summary="The database answers too")
def ready(back: Back) -> dict[str, str]:
    with back.database.transaction() as conn:
        conn.execute("SELECT 1")
    return {"status": "ok"}
