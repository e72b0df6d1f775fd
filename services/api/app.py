"""The HTTP application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from services.api import backend, openapi, problems
from services.api.headers import Headers
from services.api.routes import (
    attachments,
    calls,
    cases,
    complaints,
    cooperations,
    health,
    knowledge,
    metrics,
    notices,
    overdue,
    queue,
    review,
    templates,
    track,
    visual,
    webhooks,
)
from services.logs import configure
from services.settings import Settings

ROOMS = (
    calls,
    complaints,
    visual,
    attachments,
    queue,
    templates,  # before the cases, whose {action} takes any path
    cases,
    cooperations,
    review,
    knowledge,
    notices,
    webhooks,
    track,
    metrics,
    overdue,
    health,
)
DESCRIPTION = "Civil complaints from voice, visual ARS and web to the agency in charge."


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application for `settings`, or for the environment's."""
    settings = settings or Settings.from_environment()
    configure(settings.log_level)
    app: FastAPI = FastAPIOffline(
        title="Minwon", version="1", description=DESCRIPTION, lifespan=_lifespan
    )
    app.state.backend = backend.build(settings)
    app.add_middleware(Headers)
    problems.install(app)
    for room in ROOMS:
        app.include_router(room.router)
    app.router.routes[:0] = [complaints.DIRECT, calls.DIRECT]
    openapi.install(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    held: backend.Backend = app.state.backend
    held.engine.start()
    held.database.open()
    await held.intake.open()
    await held.calls.open()
    yield
    await held.calls.close()
    await held.intake.close()
    held.database.close()
