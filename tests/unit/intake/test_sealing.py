"""Contact data is sealed; lookup codes are derived and cannot be guessed from one another."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from cryptography.fernet import InvalidToken

from services.intake.sealing import LOOKUP_DIGITS, Sealer

SECRET = bytes(range(32))
CASE = UUID("01890000-0000-7000-8000-000000000001")


def test_what_was_sealed_is_read_back_and_not_readable_without() -> None:
    sealed = Sealer(SECRET).seal({"name": "홍길동", "phone": "010-1234-5678"})
    assert Sealer(SECRET).unseal(sealed) == {"name": "홍길동", "phone": "010-1234-5678"}
    assert "홍길동".encode() not in sealed
    assert b"5678" not in sealed


def test_the_same_contact_is_sealed_differently_each_time() -> None:
    sealer = Sealer(SECRET)
    assert sealer.seal({"name": "홍길동"}) != sealer.seal({"name": "홍길동"})


def test_another_installation_cannot_open_it() -> None:
    sealed = Sealer(SECRET).seal({"name": "홍길동"})
    with pytest.raises(InvalidToken):
        Sealer(bytes(32)).unseal(sealed)


def test_a_lookup_code_is_eight_digits_and_the_same_every_time() -> None:
    code = Sealer(SECRET).lookup_code(CASE)
    assert len(code) == LOOKUP_DIGITS
    assert code.isdigit()
    assert Sealer(SECRET).lookup_code(CASE) == code


def test_lookup_codes_differ_by_case_and_by_installation() -> None:
    sealer = Sealer(SECRET)
    assert len({sealer.lookup_code(uuid4()) for _ in range(200)}) > 195
    assert Sealer(bytes(32)).lookup_code(CASE) != sealer.lookup_code(CASE)


@pytest.mark.parametrize("wrong", ["", "0", "00000000", "１２３４５６７８", "code", "\u0000"])
def test_only_the_whole_code_opens_a_case(wrong: str) -> None:
    sealer = Sealer(SECRET)
    assert sealer.lookup_matches(CASE, sealer.lookup_code(CASE))
    assert not sealer.lookup_matches(CASE, wrong)
    assert not sealer.lookup_matches(CASE, sealer.lookup_code(CASE)[:-1])
