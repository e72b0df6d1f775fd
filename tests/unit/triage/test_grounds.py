from __future__ import annotations

from dataclasses import replace

import pytest

from models.complaints import Complaint as Labelled
from models.engine import load
from models.prediction import Prediction
from services.city import CityPack
from services.settings import ROOT
from services.triage.grounds import PRIVATE, grounds
from services.triage.place import Place
from services.triage.rules import find_owner
from services.triage.triage import Complaint, Triage

LAMP = Prediction((("streetlight", 0.9),), "report", 0.9, "normal", 0.0)
MUST_FIND_OUT = {"low_confidence", "unknown_district", "doubtful_district", "abuse"}


def _text(pack: CityPack, code: str, text: str, words: tuple[str, ...], place: Place) -> str:
    prediction = replace(LAMP, words=tuple((word, 1.0) for word in words))
    owner = find_owner(pack, "streetlight", place)
    found = grounds(pack, text, prediction, owner, place)
    return next((reason.text for reason in found if reason.code == code), "")


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("가로등이, 나갔어요!", ("가로등이,", "나갔어요!"), "'가로등이', '나갔어요'"),
        ("LED 가로등", ("led", "가로등"), "'LED', '가로등'"),
        ("검사(AMH) 쿠폰", ("검사(amh)",), "'검사'"),
        ("[phone]으로 전화", ("[phone]으로", "전화"), "'전화'"),
        ("62가1234 차가 101호 앞에", ("62가1234", "101호", "차가"), "'차가'"),
        ("네 가로등이요 가로등이요.", ("네", "가로등이요", "가로등이요."), "'가로등이요'"),
    ],
)
def test_words_are_whole_and_private_ones_stay_out(
    pack: CityPack, text: str, words: tuple[str, ...], shown: str
) -> None:
    assert _text(pack, "words", text, words, Place("북구")) == f"주요 판단 근거어: {shown}"


def test_no_word_no_line(pack: CityPack) -> None:
    assert _text(pack, "words", "1234", ("1234",), Place("북구")) == ""


def test_a_place_is_named_once(pack: CityPack) -> None:
    evidence = ("district:북구", "coordinates:북구", "dong:운암동", "landmark:운암동")
    place = Place("북구", evidence=evidence)
    assert _text(pack, "place", "가로등", (), place) == "위치 근거: 북구, 북구(좌표), 운암동"


def test_reasons_over_the_labelled_complaints(pack: CityPack, complaints: list[Labelled]) -> None:
    lines = complaints[::20]
    triage = Triage(pack, load(ROOT / "models" / "artifact"))
    for line, done in zip(lines, triage.triage([Complaint(c.text) for c in lines]), strict=True):
        said = {reason.code: reason.text for reason in done.reasons}
        for word in said.get("words", "").partition(": ")[2].split(", "):
            assert word.strip("'") in line.text
            assert not PRIVATE.search(word)
        for code in MUST_FIND_OUT & said.keys():
            assert "확인해 주세요" in said[code]
        if done.decision == "review":
            assert MUST_FIND_OUT & said.keys()
