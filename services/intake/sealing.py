"""What only the service may read: contact data, sealed; and lookup codes, derived not stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import cast
from uuid import UUID

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LINK_BYTES = 16
LOOKUP_DIGITS = 8
"""Digits, so that a code can be read out and keyed in on a telephone."""


class Sealer:
    """Keys derived (HKDF, RFC 5869) from the one secret of the installation."""

    def __init__(self, secret_key: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret_key, b"minwon contact")))
        self._lookup_key = _derive(secret_key, b"minwon lookup code")
        self._person_key = _derive(secret_key, b"minwon person")
        self._link_key = _derive(secret_key, b"minwon caller's link")

    def seal(self, value: dict[str, object]) -> bytes:
        return self._fernet.encrypt(json.dumps(value, ensure_ascii=False).encode())

    def unseal(self, sealed: bytes) -> dict[str, object]:
        """Raises `cryptography.fernet.InvalidToken` for bytes that this secret did not seal."""
        return cast(dict[str, object], json.loads(self._fernet.decrypt(sealed)))

    def person_key(self, number_or_address: str) -> str:
        """The same for the same telephone number or e-mail address; tells neither."""
        plain = "".join(number_or_address.split()).replace("-", "").casefold()
        return hmac.digest(self._person_key, plain.encode(), hashlib.sha256).hex()

    def lookup_code(self, case_id: UUID) -> str:
        """The code that opens the tracking page of a case; the same whenever it is asked for."""
        digest = hmac.digest(self._lookup_key, case_id.bytes, hashlib.sha256)
        return str(int.from_bytes(digest[:8]) % 10**LOOKUP_DIGITS).zfill(LOOKUP_DIGITS)

    def link_token(self, id: UUID) -> str:
        """128 bits in base64url, the caller's link to the session `id`; the same each time.

        So a repeated request is told the same link again, though only its hash is stored.
        """
        digest = hmac.digest(self._link_key, id.bytes, hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:LINK_BYTES]).decode().rstrip("=")

    def lookup_matches(self, case_id: UUID, code: str) -> bool:
        return hmac.compare_digest(self.lookup_code(case_id).encode(), code.encode())


def _derive(secret_key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret_key)
