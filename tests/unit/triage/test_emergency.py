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
        ("아이가 저수지에 빠졌어요 안 보여요", "water"),
        ("공사장 벽이 무너져서 아저씨가 깔렸어요", "trapped"),
        ("시방 산에 불이 나부렀는디 마을로 내려와라", "fire"),
        ("승강기 안에 갇혀갖고 숨이 답답해라 언능 좀", "trapped"),
        ("개가 애를 물고 안 놔줘요", "animal-attack"),
        ("치매 어머니가 내복 바람으로 나가셨는데 밖이 영하 오 도예요", "missing"),
        ("맨홀에 들어간 작업자 두 명이 대답이 없어요", "no-answer"),
        ("상담 신청하려다가요 이제 소용없을 것 같아요 약을 많이 모아놨어요", "means"),
        ("집 정리는 해놨으니 고양이만 누가 데려가 주세요 그동안 고생하셨습니다", "farewell"),
        ("첨단 공장 화재 발생", "fire-noun"),
        ("모르는 사람이 딸을 억지로 차에 태우고 갔어요", "dragged-off"),
        ("내리막인데 브레이크가 안 들어요 어떻게 세워요", "no-brakes"),
        ("작업하다 철근이 허벅지를 관통했어요", "impaled"),
        ("그동안 감사했어요 문고리에 줄을 걸어 놨어요", "noose"),
        ("언니가 방에 감금됐는데 문을 밖에서 잠갔대요", "abduction"),
        ("아까부터 어떤 남자가 골목까지 따라와요", "intruder"),
        ("할아버지 숨소리가 이상해요 숨을 쉬었다 안 쉬었다 하세요", "breathing-stops"),
        ("무대 지붕이 내려앉아요 관객들이 그대로 앉아 있어요", "giving-way"),
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
        "속에서 천불이 나요 담당자 바꿔요",
        "소방 훈련 때문에 연기가 났다고 하던데 언제 끝나요",
        "화재보험 가입하려면 어디로 가야 하나요",
        "빨간불이 너무 안 꺼져요",
        "물폭탄 같은 수도 요금이 나왔어요",
        "노인들이 걷다가 쓰러질까 걱정입니다",
        "갇힌 고양이 구조해 주세요",
        "칼갈이 아저씨 소음이 심해요",
        "자살 예방 상담 자격증은 어디서 따나요",
        "물이 안 빠져요 화장실 배수구가 막혔어요",
        "화재로 없어진 건물의 주소는 어떻게 정리하나요",
        "아파트 화재 감지기 점검은 언제 하나요",
        "브레이크가 안 드는 공유 자전거가 서 있어요",
        "계단이 가팔라 숨이 끊어질 지경입니다",
        "죽어가는 골목 상권을 위해 주차장을 만들어 주세요",
        "비를 맞고 있어요 정류장에 지붕 좀 놓아 주세요",
        "노인 고립 예방 사업에 신청하고 싶어요",
        "전깃줄에서 불꽃이 튀는 건 아니고 그냥 처져 있어요",
        "사람이 물에 빠진 것은 아니고 오리가 놀고 있어요",
        "불이 났다는 게 아니고요 소화전이 안 보여서요",
        "때리고 그러지는 않는데 여자 둘이 목소리가 커요",
        "마을 앞 숲을 살려 주세요",
        "통신선이 축 늘어져서 이삿짐 차에 걸려요",
        "",
    ],
)
def test_figures_of_speech_and_the_past_raise_nothing(finder: EmergencyFinder, text: str) -> None:
    assert finder.find(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "가스가 새는 건 아닌지 냄새가 너무 나요",
        "가스누출된 건 아니겠죠 냄새가 나는데요",
        "가스통에서 가스가 새요 큰 건 아니에요",
        "피가 계속 나요 멎지는 않아요",
        "도서관 화장실이에요 살려주세요",
        "살려주세요 택시기사가 안 세워줘요",
        "방 청소 하고 마지막 인사 합니다",
        "너무나 무서워요 죽고 싶어요",
        "칼에 찔렸어요 사건 접수해 주세요",
        "전시장에서 불이 났습니다",
        "축제 무대가 넘어져 사람들이 깔렸어요",
        "엘리베이터에 갇혀 사람이 쓰러졌어요",
        "고깃집 건물이 타요",
        "차가 인도로 돌진해서 여러 명 치었어요",
        "폭탄 설치했다는 쪽지가 화장실에 있어요",
        "둑이 터질 것 같아요 물이 넘쳐 들어와요",
    ],
)
def test_words_that_sound_calm_silence_no_danger(finder: EmergencyFinder, text: str) -> None:
    """A fear put as a question, a place's name, a word inside another: none takes a phrase back."""
    assert finder.find(text) is not None


def test_a_denial_takes_back_only_what_stands_right_before_it(finder: EmergencyFinder) -> None:
    assert finder.find("장난치는 게 아니고 앞 건물에 불이 났어요") == "fire"
    assert finder.find("건물에 불이 났어요 장난 전화 하는 게 아니에요") == "fire"
    assert finder.find("사람을 때리는 건 아니고 칼을 들고 있어요") == "violence"


def test_spaces_do_not_matter(finder: EmergencyFinder) -> None:
    assert finder.find("숨 을 안 쉬 어 요") == finder.find("숨을안쉬어요") == "not-breathing"


def test_parts_of_a_rule_must_stand_near(finder: EmergencyFinder) -> None:
    near = "기사님이 지금 꾸벅꾸벅 졸고 있어요"
    assert finder.find(near) == "drowsy-driver"
    assert finder.find(near.replace(" 꾸벅", " " + "가나다라" * 30 + " 꾸벅")) is None


def test_an_open_syllable_finds_its_endings(finder: EmergencyFinder) -> None:
    said = ("물에 떠내려가요", "물에 떠내려갔어요", "물에 떠내려간 사람", "물에 떠내려갑니다")
    assert {finder.find(f"강에서 아이가 {text}") for text in said} == {"water"}


def test_the_past_takes_all_back_but_a_wish_to_die(finder: EmergencyFinder) -> None:
    assert finder.find("작년에 건물에 불이 붙었습니다") is None
    assert finder.find("작년에 남편이 가고 이제는 죽고 싶습니다") == "suicide"


def shares(finder: EmergencyFinder, lines: list[Complaint]) -> tuple[float, float]:
    """Of emergencies and of normal lines, those in which a phrase calls one."""
    urgent = [finder.find(c.text) is not None for c in lines if c.urgency == "emergency"]
    calm = [finder.find(c.text) is not None for c in lines if c.urgency == "normal"]
    return sum(urgent) / len(urgent), sum(calm) / len(calm)


def test_over_the_labelled_complaints(finder: EmergencyFinder, in_sight: list[Complaint]) -> None:
    """The phrases were written with these texts in sight: this guards against going back."""
    found, false = shares(finder, in_sight)
    assert found >= 0.94
    assert false <= 0.001


def test_over_lines_that_avoid_the_usual_words(
    finder: EmergencyFinder, complaints: list[Complaint], in_sight: list[Complaint]
) -> None:
    """Newer lines name the danger without its name: there the model must help the phrases."""
    sight = {line.id for line in in_sight}
    found, false = shares(finder, [line for line in complaints if line.id not in sight])
    assert found >= 0.40
    assert false <= 0.005
