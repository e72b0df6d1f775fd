"""Every error the domain raises: a stable code, an HTTP status, a sentence a caller may see.

The docstring of a class is its default message. Messages never repeat the caller's input: it may
hold personal data. One handler in `services.api.problems` renders them as RFC 9457 problems.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar


class TriageError(Exception):
    """Something went wrong here; the request was not carried out."""

    code: str = "internal_error"
    status: ClassVar[int] = 500
    retry_after: int | None = None
    """Seconds."""
    state: Mapping[str, Any] | None = None
    """What the caller needs to go on: how things stand. Nothing of it comes from the request."""

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or inspect.getdoc(type(self)) or self.code)
        self.detail = str(self)


class ConfigurationError(TriageError):
    """A setting is missing or wrong; the program cannot start."""

    code = "configuration"


class Unavailable(TriageError):
    """The service cannot reach its database just now; nothing was accepted. Please try again."""

    code = "unavailable"
    status = 503
    retry_after = 2


class NotFound(TriageError):
    """There is no such thing here, or it is not yours to see."""

    code = "not_found"
    status = 404


class Forbidden(TriageError):
    """This key's role may not do that."""

    code = "forbidden"
    status = 403


class InvalidField(TriageError):
    """A field does not have the form that the interface describes.

    `pointer` is the RFC 6901 path of the field, up to the last name that the interface knows.
    """

    code = "invalid_field"
    status = 422

    def __init__(self, detail: str | None = None, *, code: str = "", pointer: str = "") -> None:
        super().__init__(detail or "A field does not have the form that the interface describes.")
        self.code = code or self.code
        self.pointer = pointer
