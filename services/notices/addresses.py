"""Where a webhook may go: resolved once, refused if inside, and connected to by that address.

Resolving again at connecting would let a name answer with a public address first and with an
inside one after (DNS rebinding, OWASP SSRF prevention), so only the address checked here is used.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from services.errors import InvalidField, TriageError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_WRAPPING: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "fec0::/10")
)
"""NAT64 (RFC 6052, 8215), 6to4, Teredo and IPv4-compatible addresses (RFC 4291, 2.5.5.1) may each
lead to any IPv4 address; site-local ones (RFC 3879) are another network's inside."""


class AddressRefused(TriageError):
    """The webhook's host is not on the public internet and not in MINWON_WEBHOOK_ALLOW."""

    code = "address_refused"
    status = 422


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart. `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def target(url: str) -> Target:
    """The parts of an http(s) URL; raises `InvalidField` for another scheme, a user or a fragment.

    Characters beyond printable ASCII are refused: they would have to be encoded by guess.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        if not parts.hostname or "@" in parts.netloc or parts.fragment:
            raise ValueError
        if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            raise ValueError
    except (ValueError, KeyError):
        raise InvalidField("A webhook's URL is https://host/path.", pointer="/url") from None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port, path)


def allowed(address: Address, networks: Sequence[Network]) -> bool:
    """True for an address of the public internet, and for any in `networks`."""
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        address = mapped
    if any(address in network for network in networks):
        return True
    if any(address in network for network in _WRAPPING):
        return False
    return address.is_global and not address.is_multicast


async def resolve(to: Target, networks: Sequence[Network]) -> str:
    """The address to connect to.

    Raises `AddressRefused` if any of the host's addresses lies inside, or if it is plain http to
    an address not in `networks`; OSError if the name does not resolve.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found]
    for address in addresses:
        inside = any(address in network for network in networks)
        if not allowed(address, networks) or (to.scheme == "http" and not inside):
            raise AddressRefused
    return str(addresses[0])
