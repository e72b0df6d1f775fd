"""What stops the stack from starting: one line a person can act on."""

from __future__ import annotations

from services.errors import TriageError


class StackError(TriageError):
    """The stack could not start."""

    code = "stack"
