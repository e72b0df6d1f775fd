"""Files: what they are is told by their content, and their names must agree."""

from __future__ import annotations

import contextlib
import io
import unicodedata
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import InvalidField, TriageError
from services.intake.filetypes import LONGEST_NAME, MismatchedFile, clean_name, media_type
from tests.unit.intake.files import JPEG, REFUSED, TAKEN, archive


@pytest.mark.parametrize("name", TAKEN)
def test_what_citizens_send_is_taken(name: str) -> None:
    content, wanted = TAKEN[name]
    file = io.BytesIO(content)
    assert media_type(name, file) == wanted
    assert file.tell() == 0


@pytest.mark.parametrize("case", REFUSED)
def test_what_could_run_or_lies_is_refused(case: str) -> None:
    name, content, code = REFUSED[case]
    with pytest.raises(TriageError) as refused:
        media_type(name, io.BytesIO(content))
    assert refused.value.code == code


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(content=st.binary(max_size=400), cut=st.integers(0, 400), name=st.sampled_from([*TAKEN]))
def test_no_bytes_break_the_examination(content: bytes, cut: int, name: str) -> None:
    """Neither noise nor a file that breaks off raises anything but a refusal."""
    for data in (content, TAKEN[name][0][:cut] + content):
        with contextlib.suppress(MismatchedFile):
            assert media_type(name, io.BytesIO(data)) == TAKEN[name][1]


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("C:\\Users\\kim\\현장.jpg", "현장.jpg"),
        ("../../etc/passwd.txt", "passwd.txt"),
        (unicodedata.normalize("NFD", "현장사진.jpg"), "현장사진.jpg"),
        ("사진\u202egpj.exe", "사진gpj.exe"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
        (".txt", ".txt"),
    ],
)
def test_a_name_is_cleaned(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


def test_a_long_name_keeps_its_ending() -> None:
    assert clean_name("가" * 500 + ".jpg") == "가" * (LONGEST_NAME - 4) + ".jpg"
    assert len(clean_name("a." + "b" * 500)) <= LONGEST_NAME


@pytest.mark.parametrize("name", ["", " ", "/", "\u200b", "..\u0000"])
def test_a_name_that_says_nothing_is_refused(name: str) -> None:
    if name == "..\u0000":
        assert clean_name(name) == ".."
        return
    with pytest.raises(InvalidField):
        clean_name(name)


def test_a_picture_with_more_behind_it_is_still_only_a_picture() -> None:
    assert media_type("a.jpg", io.BytesIO(JPEG + b"<script>alert(1)</script>")) == "image/jpeg"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_broken_inside_is_refused(method: int) -> None:
    content = bytearray(archive(mimetype=b"application/hwp+zip"))
    directory = content.index(b"PK\x01\x02")
    for at in (8, directory + 10):
        content[at : at + 2] = method.to_bytes(2, "little")
    with pytest.raises(MismatchedFile):
        media_type("a.hwpx", io.BytesIO(bytes(content)))
