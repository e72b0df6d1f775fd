from __future__ import annotations

import pytest

from models.complaints import DATA, Complaint, read_all, source
from services.city import CityPack, load
from services.settings import ROOT

IN_SIGHT = {
    *("confusable", "inquiries_emergencies_others", "office_questions_life"),
    *("office_questions_procedures", "voice_elderly", "voice_noisy", "web_formal"),
    *("web_casual_and_screen_notes", "written_everyday", "written_screen_and_danger"),
    *("written_voice", "written_web"),
}


@pytest.fixture(scope="session")
def pack() -> CityPack:
    return load(ROOT / "city" / "gwangju")


@pytest.fixture(scope="session")
def complaints() -> list[Complaint]:
    """The labelled complaints that the repository ships."""
    return read_all(DATA / "complaints")


@pytest.fixture(scope="session")
def in_sight(complaints: list[Complaint]) -> list[Complaint]:
    """The lines that were in sight when the pack's phrases and names were written."""
    assert {source(line) for line in complaints} >= IN_SIGHT
    return [line for line in complaints if source(line) in IN_SIGHT]
