"""Forms are taken from our own pages only.

The rule is that of Go's net/http CrossOriginProtection: a browser says where a request comes from
(`Sec-Fetch-Site`, else `Origin`), a program says neither and carries no one's cookies. Citizens
have no session, so there is nothing to hang a token on; a staff session's cookie is SameSite too.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from services.errors import Forbidden
from services.web import faults

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
KEYED = ("/v1/", "/open311/")
"""Paths where a key in a header says who asks; no browser sends one by itself."""


class CrossOrigin(Forbidden):
    """This form was sent from another site. Open the page here and send it again."""

    code = "cross_origin"


class OwnFormsOnly:
    """Refuses what another site's page sends here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        keyed = scope["type"] != "http" or scope["path"].startswith(KEYED)
        if keyed or _allowed(request := Request(scope)):
            await self._app(scope, receive, send)
        else:
            await faults.answer(request, CrossOrigin())(scope, receive, send)


def _allowed(request: Request) -> bool:
    if request.method in SAFE:
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
