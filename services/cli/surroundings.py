"""Where commands find the city pack and the model, and how they read times and names."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from services.settings import ROOT

if TYPE_CHECKING:
    from services.city import CityPack

DATA = ROOT / "data"
"""Where `minwon up` keeps its data unless told otherwise."""

PACK = ROOT / "city" / "gwangju"
ARTIFACT = ROOT / "models" / "artifact"


def environment(data_dir: Path) -> Mapping[str, str]:
    """The settings of an installation: the environment's, or else those of the stack on `data_dir`.

    `minwon up` writes its own down when it starts.
    """
    from services.stack.datafolder import read_environment

    if "MINWON_DATABASE_URL" in os.environ:
        return os.environ
    return {**os.environ, **read_environment(data_dir)}


def database_url(given: str | None) -> str:
    """The database to work on: as given, as in the environment, or that of the stack on ./data."""
    url = given or environment(DATA).get("MINWON_DATABASE_URL")
    if not url:
        raise click.UsageError("name the database: --database-url or MINWON_DATABASE_URL")
    return url


def pack_folder() -> Path:
    return Path(os.environ.get("MINWON_CITY_PACK") or PACK)


def city_pack() -> CityPack:
    from services.city import load

    return load(pack_folder())


def model() -> tuple[Path, str]:
    """The artifact's folder, and the name of an embedder to use in place of its own or ''."""
    folder = Path(os.environ.get("MINWON_MODEL") or ARTIFACT)
    return folder, os.environ.get("MINWON_EMBEDDER", "")


def agency_id(name: str | None) -> str | None:
    """The id of the agency with this Korean name; a usage error if the pack has none."""
    if name is None:
        return None
    agency = city_pack().agency_named(name)
    if agency is None:
        raise click.BadParameter("there is no such agency in the city pack")
    return agency.id


def known_departments(agency: str | None, names: Sequence[str]) -> list[str] | None:
    """The names, if they are units of the agency; None for all units."""
    units = {unit.name for unit in city_pack().departments.get(agency_id(agency) or "", ())}
    if not set(names) <= units:
        raise click.BadParameter("the agency has no such department in the city pack")
    return list(names) or None


def moment(text: str) -> datetime:
    """An RFC 3339 time with its zone; a usage error for anything else."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError("a time is written as in RFC 3339") from None
    if time.tzinfo is None:
        raise click.UsageError("a time needs its zone, as in 2026-02-13T16:30+09:00")
    return time
