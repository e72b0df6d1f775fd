"""Makes a database ready for a city: loads the pack's agencies, makes the first keys."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from services.access import audit
from services.access import keys as api_keys
from services.access.actor import Unauthorized
from services.city import CityPack, InvalidCityPack
from services.city import load as load_city
from services.city.articles import read_articles
from services.database import CITY, named_queries, set_scope
from services.knowledge.loading import Loaded, load_articles

QUERIES = named_queries(Path(__file__).parent)
DESKS = ("channel", "triage", "supervisor", "admin")


def load_pack(conn: psycopg.Connection[Any], pack: CityPack) -> None:
    """Bring the agencies and departments in the database to what the pack says.

    One that the pack no longer has stays, marked inactive: old cases point at it.
    """
    agencies = [asdict(agency) for agency in pack.agencies.values()]
    departments = [asdict(unit) for units in pack.departments.values() for unit in units]
    conn.execute(QUERIES["retire_agencies"])
    conn.execute(QUERIES["retire_departments"])
    with conn.cursor() as cursor:
        cursor.executemany(QUERIES["put_agency"], agencies)
        cursor.executemany(QUERIES["put_department"], departments)


def load_knowledge(conn: psycopg.Connection[Any], city_pack: Path) -> Loaded:
    """Bring the articles that staff left alone to what the pack in `city_pack` says.

    Raises `InvalidCityPack` if they cannot be read.
    """
    try:
        articles = read_articles(city_pack)
    except ValueError as error:
        raise InvalidCityPack(str(error)) from None
    set_scope(conn, CITY)
    return load_articles(conn, articles, datetime.now(UTC))


def prepare(
    database_url: str, city_pack: Path, keys: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Load the pack and return what keys.json holds; keys in `keys` that still work are kept.

    The result: the keys of the channel, triage, supervisor and admin roles, and under `staff`
    one for each agency with a queue, by its Korean name.
    """
    pack = load_city(city_pack)
    known = keys or {}
    with psycopg.connect(database_url) as conn:
        load_pack(conn, pack)
        load_knowledge(conn, city_pack)
        desks = {role: _kept(conn, known.get(role), role, None) for role in DESKS}
        known_staff = known.get("staff") or {}
        staff = {
            agency.name: _kept(conn, known_staff.get(agency.name), "staff", agency.id)
            for agency in pack.agencies.values()
            if agency.kind != "external"
        }
    return {**desks, "staff": staff}


def _kept(conn: psycopg.Connection[Any], text: str | None, role: str, agency_id: str | None) -> str:
    """`text` if it is a valid key of that role and agency, else a new key."""
    if text:
        try:
            actor = api_keys.authenticate(conn, text)
        except Unauthorized:
            pass
        else:
            if (actor.role, actor.agency_id) == (role, agency_id):
                return text
    client = "embedded" if agency_id is None else f"embedded {agency_id}"
    made = api_keys.create(conn, role=role, client=client, agency_id=agency_id)
    audit.record(conn, "setup", "create_key", key=made.split("_")[1], role=role)
    return made
