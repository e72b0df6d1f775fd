"""Personal data leaves a text before it is stored; everything else stays."""

from __future__ import annotations

import pytest

from services.intake.masking import (
    ACCOUNT,
    CARD,
    EMAIL,
    PHONE,
    RESIDENT_NUMBER,
    mask,
    without_resident_numbers,
)

RESIDENT_NUMBERS = [
    "900101-1234567",
    "900101 1234567",
    "900101 - 1234567",
    "900101~1234567",
    "900101.1234567",
    "900101_1234567",
    "9001011234567",
    "900101-1******",
    "050505-3234567",
    "900101-5234567",
    "９００１０１－１２３４５６７",
    "900101\u20111234567",
    "900101\u22121234567",
    "٩٠٠١٠١-١٢٣٤٥٦٧",
    "9 0 0 1 0 1 - 1 2 3 4 5 6 7",
    "구공공일공일 다시 일이삼사오육칠",
    "구공공일공일에 일이삼사오육칠",
    "구 공 공 일 공 일 일 이 삼 사 오 육 칠",
]
PHONES = [
    "010-1234-5678",
    "01012345678",
    "010 1234 5678",
    "010.1234.5678",
    "+82 10-1234-5678",
    "062-613-1234",
    "(062) 613-1234",
    "02-123-4567",
    "1588-1234",
    "０１０－１２３４－５６７８",
    "010에 1234에 5678",
    "010 다시 1234 다시 5678",
    "공일공 일이삼사 오육칠팔",
    "공일공에 일이삼사에 오육칠팔",
    "영일영, 일이삼사, 오육칠팔",
    "공육이 육일삼 일이삼사",
]
CARDS = [
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111111111111111",
    "3782-822463-10005",
    "４１１１－１１１１－１１１１－１１１１",
]
ACCOUNTS = ["123456-01-123456", "302-1234-5678-91", "110-123-456789"]
EMAILS = [
    "hong@example.com",
    "hong.gil+1@example.co.kr",
    "hong＠example．com",
    "hong 골뱅이 example.com",
]
PIECES = [
    (kind, piece)
    for kind, pieces in {
        RESIDENT_NUMBER: RESIDENT_NUMBERS,
        PHONE: PHONES,
        CARD: CARDS,
        ACCOUNT: ACCOUNTS,
        EMAIL: EMAILS,
    }.items()
    for piece in pieces
]
NEAR_MISSES = [
    "2026-08-01 10:30에 신고했습니다",
    "2026.08.01 10:30부터 2026.08.31까지",
    "20260801",
    "접수번호 20260801-0000001 처리 언제 되나요",
    "접수번호 20260801-0000005 처리 언제 되나요",
    "진월07번 버스가 2026-08-01 18시에 안 왔어요",
    "수완12번, 첨단09번, 419번",
    "광주 12가 3456 차량",
    "123가 4567 차량",
    "상무대로 1234번길 56-7",
    "우편번호 61945",
    "과태료 1,000,000원",
    "좌표 35.1595454, 126.8526012",
    "은행나무 때문에 2026-08-01 10시부터 냄새가 나요",
    "은행 앞 2026 08 01 18시",
    "가로등 관리번호 1234-5678",
    "900101-1234는 도면 번호",
    "901301-1234567은 열세 번째 달이 없으니 자재 번호",
    "120번이나 119, 112로 걸었어요",
    "일이 이십사 일째 오지 않아요",
    "구청에 일이 있어 이일 삼일 연달아 갔어요",
]


@pytest.mark.parametrize(("kind", "piece"), PIECES, ids=[piece for _, piece in PIECES])
def test_a_piece_is_named_in_its_place(kind: str, piece: str) -> None:
    masked = mask(f"제 것은 {piece} 입니다. 빨리요")
    assert masked.text.split() == f"제 것은 [{kind}] 입니다. 빨리요".split()


@pytest.mark.parametrize("piece", RESIDENT_NUMBERS)
def test_a_resident_number_is_kept_nowhere(piece: str) -> None:
    assert mask(f"{piece} 입니다").found == ()


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert mask(text).text == text


def test_what_was_taken_out_is_returned_to_be_sealed() -> None:
    masked = mask("010-1234-5678이나 hong@example.com으로 주세요")
    assert masked.text == "[전화번호]이나 [이메일]으로 주세요"
    assert masked.found == ((EMAIL, "hong@example.com"), (PHONE, "010-1234-5678")) or (
        masked.found == ((PHONE, "010-1234-5678"), (EMAIL, "hong@example.com"))
    )


def test_a_number_that_touches_its_word_is_found_too() -> None:
    assert mask("번호는공일공일이삼사오육칠팔이에요").text == "번호는[전화번호]이에요"
    assert mask("북구010-1234-5678번호").text == "북구[전화번호]번호"


def test_full_width_text_around_a_number_is_not_rewritten() -> None:
    assert mask("ＡＢＣ １０１동, 010-1234-5678").text == "ＡＢＣ １０１동, [전화번호]"


def test_only_resident_numbers_are_dropped_from_a_contact() -> None:
    assert without_resident_numbers("홍길동 900101-1234567 010-1234-5678") == (
        "홍길동 [주민등록번호] 010-1234-5678"
    )
