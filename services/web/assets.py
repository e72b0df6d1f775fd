"""Stylesheets and scripts: one address for each content, so that caches may keep them for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from services.errors import NotFound

FOLDER: Final = Path(__file__).parent / "static"
FILES: Final = {
    path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*") if path.is_file()
}


def _digest() -> str:
    """Twelve hexadecimal digits over all files, since scripts name each other by relative path."""
    whole = hashlib.sha256()
    for name, path in sorted(FILES.items()):
        whole.update(name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:12]


VERSION: Final = _digest()


def address(name: str) -> str:
    """Where a page finds the file `name`; raises `KeyError` for one that does not exist."""
    FILES[name]
    return f"/static/{VERSION}/{name}"


async def _serve(request: Request) -> Response:
    """The file as it is now; only the present version's address may be kept by caches."""
    path = FILES.get(request.path_params["name"])
    if path is None:
        raise NotFound
    current = request.path_params["version"] == VERSION
    keep = "public, max-age=31536000, immutable" if current else "no-cache"
    return FileResponse(path, headers={"Cache-Control": keep})


LEAST_BYTES: Final = 500
ROUTE: Final = Route(
    "/static/{version}/{name:path}",
    _serve,
    middleware=[Middleware(GZipMiddleware, minimum_size=LEAST_BYTES, compresslevel=6)],
)
"""Only these files are compressed: they are public. A page may hold a receipt's code beside words
that someone else put there, and its compressed length would tell of it (BREACH)."""
