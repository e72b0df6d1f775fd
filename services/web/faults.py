"""What went wrong, as a page for people and as a problem (RFC 9457) for programs."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, Final, cast

from fastapi import FastAPI
from fastapi.exceptions import WebSocketRequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.api import problems
from services.errors import TriageError
from services.web.headers import PAGE
from services.web.language import chosen, words
from services.web.pages import Pages

PROGRAMS: Final = ("/v1/", "/open311/", "/openapi.json", "/metrics", "/healthz", "/readyz")
Handler = Callable[[Request, Exception], Response | Awaitable[Response]]


def install(app: FastAPI) -> None:
    """Let the problems that the API's handlers answer with be pages where a browser asks."""
    for kind, handler in list(app.exception_handlers.items()):
        if kind is WebSocketRequestValidationError:
            continue
        app.add_exception_handler(kind, _as_page(cast(Handler, handler)))


def answer(request: Request, error: TriageError) -> Response:
    """The answer to `request` that tells of `error`."""
    return _page(request, problems.answer(error))


def _as_page(handler: Handler) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        answered = handler(request, error)
        problem = await answered if isawaitable(answered) else answered
        return _page(request, problem)

    return handle


def _page(request: Request, problem: Response) -> Response:
    if not wants_page(request) or problem.media_type != problems.MEDIA_TYPE:
        return problem
    body: dict[str, Any] = json.loads(bytes(problem.body))
    status = problem.status_code
    say = words(chosen(request))
    known = status if say.known(f"shell.fault.{status}.title") else 500 if status >= 500 else 400
    pages = cast(Pages, request.app.state.pages)
    page = pages.answer(request, "fault.html", status, fault=str(known), code=body["code"])
    for name, value in PAGE.items():
        page.headers[name] = value
    for name in ("retry-after", "x-content-type-options", "x-frame-options"):
        if name in problem.headers:
            page.headers[name] = problem.headers[name]
    return page


def wants_page(request: Request) -> bool:
    """True for a browser that opens a page; a script or program asks for JSON."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(
        PROGRAMS
    )
