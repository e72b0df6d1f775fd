"""The whole HTTP application: the interface for programs, and the pages."""

from __future__ import annotations

from fastapi import FastAPI

from services.api import app as api
from services.api.backend import Backend
from services.settings import Settings
from services.web import assets, citizen, faults, staff, staff_sign_in, visits, visual
from services.web.headers import PageHeaders
from services.web.origin import OwnFormsOnly
from services.web.pages import Pages


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application for `settings`, or for the environment's."""
    settings = settings or Settings.from_environment()
    app = api.create_app(settings)
    held: Backend = app.state.backend
    app.state.pages = Pages(held.pack, official=settings.official_site)
    app.router.routes.append(assets.ROUTE)
    app.include_router(staff_sign_in.router)
    app.include_router(staff.router)
    app.include_router(citizen.router, include_in_schema=False)
    app.include_router(visual.router)
    faults.install(app)
    visits.install(app)
    app.add_middleware(OwnFormsOnly)
    app.add_middleware(PageHeaders)
    return app
