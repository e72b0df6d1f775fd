"""Local passwords: argon2id with the parameters of RFC 9106, section 4 (the second choice, 64 MiB).

At most two are worked out at a time, so that a flood of sign-ins takes no more than 128 MiB.
"""

from __future__ import annotations

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from services.errors import TriageError

MIN_CHARACTERS = 12
MAX_CHARACTERS = 256

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_at_once = threading.BoundedSemaphore(2)
_nobodys = _hasher.hash(secrets.token_hex(16))


class WeakPassword(TriageError):
    """A password has 12 to 256 characters."""

    code = "weak_password"
    status = 422


def generate() -> str:
    return secrets.token_urlsafe(15)


def hash(password: str) -> str:
    """Raises `WeakPassword`."""
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise WeakPassword
    with _at_once:
        return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """True for the password that `stored` was made of; without one it takes as long to say no."""
    with _at_once:
        try:
            right = _hasher.verify(stored or _nobodys, password[: MAX_CHARACTERS + 1])
        except (VerificationError, InvalidHashError):
            return False
    return right and stored is not None
