from __future__ import annotations

import pytest

from models.complaints import DATA, Complaint, read_all
from services.city import CityPack, load
from services.settings import ROOT


@pytest.fixture(scope="session")
def pack() -> CityPack:
    return load(ROOT / "city" / "gwangju")


@pytest.fixture(scope="session")
def complaints() -> list[Complaint]:
    """The labelled complaints that the repository ships."""
    return read_all(DATA / "complaints")
