"""Back-off on sign-ins, by name and by address; a name that does not exist is treated alike.

An attempt is counted before it is judged, so that many at once gain nothing.
"""

from __future__ import annotations

import hashlib
import ipaddress

from services.access.store import QUERIES
from services.database import Connection
from services.errors import TriageError

NAME_LIMIT = 5
ADDRESS_LIMIT = 50
"""An office's people may share an address."""
FIRST_BLOCK_SECONDS = 30
LONGEST_BLOCK_SECONDS = 900


class TooManySignIns(TriageError):
    """Too many sign-ins failed; wait a little and try again."""

    code = "too_many_requests"
    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


def count(conn: Connection, username: str, address: str) -> None:
    """Count one attempt; raises `TooManySignIns` while the name or the address is blocked."""
    limits = {by_name(username): NAME_LIMIT, by_address(address): ADDRESS_LIMIT}
    blocked = _blocked_seconds(conn, list(limits))
    if blocked:
        raise TooManySignIns(blocked)
    rows = conn.execute(QUERIES["count_attempts"], {"subjects": list(limits)}).fetchall()
    if len(rows) < len(limits):
        raise TooManySignIns(_blocked_seconds(conn, list(limits)) or FIRST_BLOCK_SECONDS)
    for subject, attempts in rows:
        seconds = block_seconds(attempts, limits[bytes(subject)])
        if seconds:
            conn.execute(QUERIES["block_attempts"], {"subject": subject, "seconds": seconds})


def forgive(conn: Connection, username: str, address: str) -> None:
    """Take back what a sign-in that succeeded had counted."""
    conn.execute(QUERIES["forgive_name"], {"subject": by_name(username)})
    conn.execute(QUERIES["forgive_address"], {"subject": by_address(address)})


def block_seconds(attempts: int, limit: int) -> int:
    """How long nobody gets in after so many attempts: twice as long each time, 15 min at most."""
    if attempts < limit:
        return 0
    return int(min(FIRST_BLOCK_SECONDS * 2 ** min(attempts - limit, 10), LONGEST_BLOCK_SECONDS))


def by_name(username: str) -> bytes:
    return hashlib.sha256(b"name " + username.encode()).digest()


def by_address(address: str) -> bytes:
    """One IPv6 site (a /64) counts as one address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return hashlib.sha256(b"address").digest()
    wide = 64 if parsed.version == 6 else 32
    network = ipaddress.ip_network((parsed, wide), strict=False)
    return hashlib.sha256(b"address " + str(network).encode()).digest()


def _blocked_seconds(conn: Connection, subjects: list[bytes]) -> int:
    row = conn.execute(QUERIES["find_blocked_seconds"], {"subjects": subjects}).fetchone()
    return int(row[0] or 0) if row else 0
