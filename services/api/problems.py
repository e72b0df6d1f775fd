"""Errors as RFC 9457 problems: one handler for what the domain raises, one for what it does not."""

from __future__ import annotations

from typing import Any, cast

import psycopg
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.api.headers import protect
from services.errors import InvalidField, NotFound, TriageError, Unavailable

MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger()


def problem(error: TriageError) -> dict[str, Any]:
    """The body that tells of an error; nothing in it comes from the request."""
    body: dict[str, Any] = {
        "type": f"urn:minwon:problem:{error.code}",
        "title": error.code.replace("_", " "),
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
    }
    if isinstance(error, InvalidField) and error.pointer:
        body["pointer"] = error.pointer
    if error.state is not None:
        body["state"] = error.state
    return body


def answer(error: TriageError) -> Response:
    headers: dict[str, str] = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(problem(error), error.status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    app.add_exception_handler(TriageError, _domain)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(psycopg.DataError, _unstorable)
    app.add_exception_handler(psycopg.errors.LockNotAvailable, _busy)
    app.add_exception_handler(Exception, _unexpected)


def _domain(_: Request, error: Exception) -> Response:
    return answer(cast(TriageError, error))


def _parameters(_: Request, error: Exception) -> Response:
    """A query or path parameter of the wrong form."""
    fault = cast(RequestValidationError, error).errors()[0]
    where = "/".join(str(part) for part in fault["loc"][:2])
    return answer(InvalidField(f"The {where} parameter does not have the form described."))


class MethodNotAllowed(TriageError):
    """This path does not take this method."""

    code = "method_not_allowed"
    status = 405


def _http(_: Request, error: Exception) -> Response:
    status = cast(HTTPException, error).status_code
    if status == 404:
        return answer(NotFound())
    if status == 405:
        return answer(MethodNotAllowed())
    return JSONResponse(
        {"type": "about:blank", "status": status, "code": f"http_{status}"},
        status,
        media_type=MEDIA_TYPE,
    )


def _unstorable(request: Request, error: Exception) -> Response:
    """A parameter that Postgres takes no value like, as a text with U+0000."""
    _log.warning("unstorable", route=_route(request), exc_info=error)
    return answer(InvalidField("A value here can neither be stored nor looked for."))


def _busy(_: Request, __: Exception) -> Response:
    return answer(Unavailable("Someone else is writing this just now. Please try again."))


def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("unexpected", route=_route(request), exc_info=error)
    return protect(answer(TriageError()))


def _route(request: Request) -> str:
    """The path as it is declared: callers' links and receipt numbers stand in the real one."""
    return str(getattr(request.scope.get("route"), "path", ""))
