"""Pages: templates, words and addresses put together for one request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from services.city import CityPack
from services.web import assets
from services.web.language import COOKIE, LANGUAGES, Words, chosen, words

_BLANK: Final = re.compile(r">\s+</(t[hd])>")
_CELL: Final = re.compile(r"<(t[hd])(?=[ >])")
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
        self._environment.globals.update(unit=unit)
        self._environment.filters["labelled"] = labelled

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

        Every template finds `t` (words), `language`, `when` (a time), `zone` (of all times),
        `unit`, `asset`, `pack`, `request` and `languages` (address of this page in each language)
        besides `values`.
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
            "zone": datetime.now(self._zone).tzname(),
            "request": request,
            **values,
        }
        return self._environment.get_template(template).render(given)


def unit(agency: str | None, department: str | None) -> str:
    """An agency with its department; one that is named after it says it once."""
    if agency and department and agency.endswith(department):
        return agency
    return " ".join(part for part in (agency, department) if part)


def labelled(rows: Markup, heads: Sequence[str]) -> Markup:
    """The rows of a table, each cell with its column's title for where no head is shown."""
    written = [_row(row, iter(heads)) for row in str(rows).split("<tr>")]
    return Markup("<tr>".join(written))  # noqa: S704  only escaped titles were added


def _row(row: str, titles: Iterator[str]) -> str:
    """An empty cell is made truly so, for a style sheet to leave it out."""
    return _CELL.sub(lambda cell: _titled(cell[1], next(titles, "")), _BLANK.sub(r"></\1>", row))


def _titled(name: str, title: str) -> str:
    return f'<{name} data-head="{escape(title)}"' if name == "td" and title else f"<{name}"


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
