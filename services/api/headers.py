"""Headers that every answer carries, whatever made it."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
]
_DATA_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_PRIVATE = (b"cache-control", b"no-store")


class Headers:
    """No guessing of types, no framing; nothing of `/v1` is kept by a cache.

    Pages bring a policy of their own; the rest may load nothing, whatever a browser takes it for.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = [*_ALWAYS, _PRIVATE] if scope["path"].startswith("/v1/") else _ALWAYS

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = dict(message["headers"])
                policy = [] if _is_page(given) else [_DATA_POLICY]
                message["headers"] += [one for one in [*added, *policy] if one[0] not in given]
            await send(message)

        await self._app(scope, receive, with_headers)


def _is_page(headers: dict[bytes, bytes]) -> bool:
    return headers.get(b"content-type", b"").startswith((b"text/html", b"text/css", b"image/"))


def protect(response: Response) -> Response:
    """Add them to an answer that no middleware sees, as Starlette's to what nobody foresaw."""
    for name, value in (*_ALWAYS, _DATA_POLICY, _PRIVATE):
        response.headers.setdefault(name.decode(), value.decode())
    return response
