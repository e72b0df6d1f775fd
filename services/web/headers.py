"""Headers of every page: nothing from elsewhere, nothing inline, nothing kept."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PAGE: Final = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    # Under no-referrer a browser hides the origin of our own forms from us.
    "Referrer-Policy": "same-origin",
}
INTERFACE: Final = "/v1/"
DESCRIPTIONS: Final = ("/docs", "/redoc")
"""The interface's description, whose pages come from a package and start by an inline script."""
_INLINE: Final = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


class PageHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(INTERFACE):
            await self._app(scope, receive, send)
            return
        described = scope["path"].startswith(DESCRIPTIONS)
        held: list[Message] = []

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.update(PAGE)
                    if described:
                        held.append(message)
                        return
            elif held:
                start = held.pop()
                MutableHeaders(scope=start)["Content-Security-Policy"] = describing(message["body"])
                await send(start)
            await send(message)

        await self._app(scope, receive, with_headers)


def describing(page: bytes) -> str:
    """The policy of a page of the interface's description: its own inline scripts and no others.

    Its scripts write styles and pictures into the page, and one of them works beside it.
    """
    digests = [base64.b64encode(hashlib.sha256(one).digest()) for one in _INLINE.findall(page)]
    scripts = "".join(f" 'sha256-{digest.decode()}'" for digest in digests)
    return (
        POLICY.replace("script-src 'self'", f"script-src 'self'{scripts}")
        .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
        .replace("img-src 'self'", "img-src 'self' data:")
        + "; worker-src blob:"
    )
