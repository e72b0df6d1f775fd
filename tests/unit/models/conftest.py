from __future__ import annotations

import pytest

from models import artifact, complaints
from models.complaints import Complaint
from models.engine import load
from models.prediction import Engine


@pytest.fixture(scope="session")
def engine() -> Engine:
    return load(artifact.SHIPPED)


@pytest.fixture(scope="session")
def rows() -> list[Complaint]:
    return complaints.read_all(complaints.DATA / "complaints")
