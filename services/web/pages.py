"""Pages: templates, words and addresses put together for one request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from services.city import CityPack
from services.web import assets
from services.web.language import COOKIE, LANGUAGES, Words, chosen, words

TEMPLATES: Final = Path(__file__).parent / "templates"
YEAR_SECONDS: Final = 365 * 24 * 3600
WEEKDAYS: Final = {"ko": "월화수목금토일", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


class Pages:
    """Renders the templates of one installation."""

    def __init__(self, pack: CityPack, *, official: bool = False) -> None:
        self._zone = ZoneInfo(pack.timezone)
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(asset=assets.address, pack=pack, official=official)

    def answer(
        self,
        request: Request,
        template: str,
        status: int = 200,
        *,
        language: str = "",
        **values: Any,
    ) -> HTMLResponse:
        """A page in `language`, or the reader's; `?lang=` is remembered in a cookie.

        Every template finds `t` (words), `language`, `when` (a time), `asset`, `pack`, `request`
        and `languages` (address of this page in each language) besides `values`.
        """
        language = language or chosen(request)
        response = HTMLResponse(self.render(template, language, request=request, **values), status)
        if request.query_params.get("lang") in LANGUAGES:
            response.set_cookie(COOKIE, language, YEAR_SECONDS, httponly=True, samesite="lax")
        return response

    def render(self, template: str, language: str, *, request: Request, **values: Any) -> str:
        given = {
            "t": words(language),
            "language": language,
            "languages": _in_languages(request),
            "when": lambda time: moment(time, language, self._zone),
            "request": request,
            **values,
        }
        return self._environment.get_template(template).render(given)


def _in_languages(request: Request) -> Mapping[str, str]:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    path = request.url.path
    return {code: f"{path}?{urlencode([*kept, ('lang', code)])}" for code in LANGUAGES}


def moment(time: datetime, language: str, zone: ZoneInfo) -> str:
    """A time as people write it, in the city's zone: 2026. 11. 22.(일) 20:11."""
    local = time.astimezone(zone)
    day = WEEKDAYS[language][local.weekday()]
    if language == "ko":
        return f"{local.year}. {local.month}. {local.day}.({day}) {local:%H:%M}"
    return f"{day} {local.day} {local:%B %Y, %H:%M}"


def _pages(request: Request) -> Pages:
    return cast(Pages, request.app.state.pages)


def _reader(request: Request) -> Words:
    return words(chosen(request))


Rendered = Annotated[Pages, Depends(_pages)]
"""How a route gets at the pages."""
Reader = Annotated[Words, Depends(_reader)]
"""The words of whoever reads, for sentences that a route itself puts together."""
