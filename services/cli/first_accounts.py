"""The accounts that a new installation of the embedded default begins with."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
from uuid_utils.compat import uuid7

from services.access import audit, passwords, staff
from services.access.staff import NewPerson
from services.city import CityPack
from services.city import load as load_city

Keep = Callable[[Any], None]


def first_accounts(database_url: str, keep: Keep, *, city_pack: Path) -> None:
    """Make accounts with random passwords if there are none, and let `keep` write them down.

    They are written before they are made for good: after a crash there are none that nobody can
    use, and the next start makes them anew.
    """
    with psycopg.connect(database_url) as conn:
        conn.execute("LOCK TABLE staff IN EXCLUSIVE MODE")
        if staff.list_people(conn):
            return
        people = first_people(load_city(city_pack))
        secrets = [passwords.generate() for _ in people]
        with ThreadPoolExecutor(2) as pool:
            hashes = list(pool.map(passwords.hash, secrets))
        for new, hashed in zip(people, hashes, strict=True):
            one = staff.add(conn, uuid7(), new, hashed)
            audit.record(conn, "setup", "add_account", account=str(one.id), role=one.role)
        keep([_shown(new, secret) for new, secret in zip(people, secrets, strict=True)])


def first_people(pack: CityPack) -> list[NewPerson]:
    """One person at each desk, and one who handles and one who approves at each district."""
    desks = [
        NewPerson("admin", "관리자", "admin"),
        NewPerson("triage", "분류 담당자", "triage"),
        NewPerson("supervisor", "총괄 관리자", "supervisor"),
    ]
    for agency in pack.agencies.values():
        if agency.kind == "district":
            name, id = agency.name, agency.id
            desks.append(NewPerson(f"{id}.handler", f"{name} 담당자", "staff", agency_id=id))
            desks.append(
                NewPerson(
                    username=f"{id}.approver",
                    display_name=f"{name} 결재자",
                    role="staff",
                    agency_id=id,
                    is_manager=True,
                    may_approve=True,
                )
            )
    return desks


def _shown(new: NewPerson, password: str) -> dict[str, Any]:
    return {
        "username": new.username,
        "password": password,
        "role": new.role,
        "agency": new.agency_id,
        "display_name": new.display_name,
    }
