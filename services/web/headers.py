"""Headers of every page: nothing from elsewhere, nothing inline, nothing kept."""

from __future__ import annotations

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
NO_PAGES: Final = ("/docs", "/redoc", "/v1/")
"""The interface, and its description, whose pages come from a package and start by an inline
script.
"""


class PageHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(NO_PAGES):
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    for name, value in PAGE.items():
                        headers[name] = value
            await send(message)

        await self._app(scope, receive, with_headers)
