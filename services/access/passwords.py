"""Local passwords: argon2id with the parameters of RFC 9106, section 4 (the second choice, 64 MiB).

At most two are worked out at a time, so that a flood of sign-ins takes no more than 128 MiB; few
wait, so that it takes no more than a part of a process's threads.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from services.errors import TriageError, Unavailable

MIN_CHARACTERS = 12
MAX_CHARACTERS = 256

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_at_once = threading.BoundedSemaphore(2)
_room = threading.BoundedSemaphore(16)
_nobodys = _hasher.hash(secrets.token_hex(16))


class Busy(Unavailable):
    """Too many people sign in just now; please try again in a moment."""


class WeakPassword(TriageError):
    """A password has 12 to 256 characters."""

    code = "weak_password"
    status = 422


def generate() -> str:
    return secrets.token_urlsafe(15)


@contextmanager
def _turn() -> Iterator[None]:
    if not _room.acquire(blocking=False):
        raise Busy
    try:
        with _at_once:
            yield
    finally:
        _room.release()


def hash(password: str) -> str:
    """Raises `WeakPassword` or `Busy`."""
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise WeakPassword
    with _turn():
        return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """True for the password that `stored` was made of; without one it takes as long to say no.

    Raises `Busy`.
    """
    with _turn():
        try:
            right = _hasher.verify(stored or _nobodys, password[: MAX_CHARACTERS + 1])
        except (VerificationError, InvalidHashError):
            return False
    return right and stored is not None
