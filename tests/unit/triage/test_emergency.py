from __future__ import annotations

import pytest

from models.complaints import Complaint
from services.city import CityPack
from services.triage.emergency import EmergencyFinder


@pytest.fixture(scope="module")
def finder(pack: CityPack) -> EmergencyFinder:
    return EmergencyFinder(pack)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("앞 건물에서 불이 났어요 빨리 와 주세요", "fire"),
        ("계단에서 가스 냄새가 심하게 나요", "gas"),
        ("할아버지가 숨을 안 쉬어요", "not-breathing"),
        ("엘리베이터에 갇혔어요 지금 안에 사람이 있어요", "trapped"),
        ("강에 사람이 떠내려가요", "water"),
        ("옆집 남자가 칼을 들고 있어요", "violence"),
        ("전봇대 전선이 끊어져 불꽃이 튀어요", "power-line"),
        ("오늘 죽고 싶다는 생각만 들어요", "suicide"),
    ],
)
def test_life_and_limb(finder: EmergencyFinder, text: str, rule: str) -> None:
    assert finder.find(text) == rule


@pytest.mark.parametrize(
    "text",
    [
        "담당자 때문에 속에서 불이 난다",
        "전화가 불이 나게 와도 안 받네요",
        "더워 죽겠어요 그늘막 좀 설치해 주세요",
        "답답해 죽을 지경입니다",
        "말라 죽은 가로수를 되살려 주시면 좋겠습니다",
        "지난주 엘리베이터에 갇혔다가 구조됐습니다. 점검 결과를 알려 주세요",
        "작년에 불이 났던 골목에 소화전을 놓아 주세요",
        "심폐소생술 교육은 어디서 배우나요",
        "도시가스 요금이 너무 나왔어요",
        "가로등이 나갔어요",
        "",
    ],
)
def test_figures_of_speech_and_the_past_raise_nothing(finder: EmergencyFinder, text: str) -> None:
    assert finder.find(text) is None


def test_spaces_do_not_matter(finder: EmergencyFinder) -> None:
    assert finder.find("숨 을 안 쉬 어 요") == finder.find("숨을안쉬어요") == "not-breathing"


def test_parts_of_a_rule_must_stand_near(finder: EmergencyFinder) -> None:
    near = "기사님이 지금 꾸벅꾸벅 졸고 있어요"
    assert finder.find(near) == "drowsy-driver"
    assert finder.find(near.replace(" 꾸벅", " " + "가나다라" * 30 + " 꾸벅")) is None


def test_over_the_labelled_complaints(finder: EmergencyFinder, complaints: list[Complaint]) -> None:
    """The phrases were written with these texts in sight: this guards against going back."""
    urgent = [c for c in complaints if c.urgency == "emergency"]
    calm = [c for c in complaints if c.urgency == "normal"]
    assert sum(finder.find(c.text) is not None for c in urgent) / len(urgent) >= 0.70
    assert sum(finder.find(c.text) is not None for c in calm) / len(calm) <= 0.003
