"""What the figures of whole triage count."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.artifact import SHIPPED
from models.complaints import Complaint
from services.city import CityPack
from services.cli.evaluation import compare, evaluate_lines
from services.cli.offline import triage_rows

LAMP = Complaint(
    "a-1", "치평동 골목 가로등이 꺼졌어요", "web", "streetlight", "report", "normal", "서구"
)
SHOCK = Complaint(
    "a-2",
    "가로등에 닿은 아이가 감전돼서 쓰러졌어요 의식이 없어요",
    "voice",
    "streetlight",
    "report",
    "emergency",
)


def test_an_emergency_whose_owner_a_person_settles_is_not_covered(pack: CityPack) -> None:
    rows = [{"text": line.text, "channel": line.channel} for line in (LAMP, SHOCK)]
    lamp, shock = triage_rows(rows, pack, SHIPPED, "")
    assert (lamp.decision, lamp.doubtful) == ("route", False)
    assert shock.decision == "emergency"
    in_doubt = compare([LAMP, SHOCK], [lamp, replace(shock, doubtful=True)], pack)
    assert (in_doubt.coverage, in_doubt.routed_right) == (0.5, 1.0)
    settled = compare([LAMP, SHOCK], [lamp, replace(shock, doubtful=False)], pack)
    assert settled.coverage == 1.0


def test_no_lines_are_refused(pack: CityPack) -> None:
    with pytest.raises(ValueError, match="no lines"):
        evaluate_lines([], pack, SHIPPED, "")
