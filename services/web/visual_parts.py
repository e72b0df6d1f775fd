"""What both kinds of the caller's page show: emergency numbers, neighbourhoods, articles."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from starlette.responses import RedirectResponse, Response

from services.api.backend import Backend, now
from services.city.articles import Article
from services.city.menus import Menu, Node
from services.database import CITY
from services.knowledge.store import find_live_article
from services.visual import session as sessions

FIELDS: Final = ("text", "dong", "address", "lat", "lon")
FAULTS: Final = frozenset(
    {"file_too_large", "unsupported_file_type", "file_type_mismatch", "empty_file"}
)
"""What may be wrong with a photograph, by the codes that the address of a page may bear."""


def emergency_numbers(back: Backend, menu: Menu) -> list[tuple[Node, str]]:
    """The leaves that are always in sight, with the number that each calls."""
    pack = back.pack
    found = []
    for node in menu.emergencies():
        agency = pack.agencies[pack.services[node.service or ""].target or ""]
        found.append((node, agency.name))
    return found


def dongs_by_district(back: Backend) -> list[tuple[str, list[tuple[str, str]]]]:
    grouped: dict[str, list[tuple[str, str]]] = {}
    for whole in sorted(set(sessions.dongs(back.pack).values())):
        district, _, name = whole.partition(" ")
        grouped.setdefault(district, []).append((whole, name))
    return list(grouped.items())


def article(back: Backend, id: str) -> Article | None:
    """An approved, confirmed article whose days have come."""
    with back.database.transaction(CITY) as conn:
        found = find_live_article(conn, id)
    today = now().astimezone(ZoneInfo(back.pack.timezone)).date()
    return found if found and found.confirmed and found.valid_on(today) else None


def again(token: str, fault: str = "") -> Response:
    """On to the page as it now is."""
    query = f"?fault={fault}" if fault else ""
    return RedirectResponse(f"/v/{token}{query}", 303)
