"""What kind of file it is, by its content; the name must say the same.

Taken are pictures and the documents that people write in Korea. Anything that could run where it
is opened is refused: programs, pages, SVG, and office files with macros.
"""

from __future__ import annotations

import lzma
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import BinaryIO, Final

import puremagic

from services.errors import InvalidField, TriageError

LONGEST_NAME: Final = 200
_LONGEST_ENDING: Final = 10
_HEAD: Final = 8_192
"""Bytes in which the signatures of pictures and PDF lie."""
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_HWP: Final = b"HWP Document File"
"""In the FileHeader stream of HWP 5, and the first bytes of HWP 3 (Hancom's file formats)."""
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
"""ISO/IEC 23008-12, still pictures."""
_NOT_A_ZIP: Final = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, KeyError),
    *(ValueError, RuntimeError, EOFError, OSError),
)
"""What the standard library raises on an archive that is none, or is broken inside."""
_TEXT_CODINGS: Final = ("utf-8-sig", "cp949")


class UnsupportedFile(TriageError):
    """Send a picture (jpg, png, webp, heic) or a document (pdf, hwp, hwpx, docx, xlsx, txt)."""

    code = "unsupported_file_type"
    status = 415


class MismatchedFile(TriageError):
    """The file is not what the end of its name says."""

    code = "file_type_mismatch"
    status = 415


def clean_name(given: str) -> str:
    """The last part of a path, composed (NFC), without characters that nobody sees.

    Raises `InvalidField` when nothing is left.
    """
    last = PurePosixPath(given.replace("\\", "/")).name
    composed = unicodedata.normalize("NFC", last)
    name = "".join(c for c in composed if unicodedata.category(c)[0] != "C").strip()
    if not name:
        raise InvalidField("A file needs its name.", pointer="/filename")
    ending = PurePosixPath(name).suffix[-_LONGEST_ENDING:]
    return name.removesuffix(ending)[: LONGEST_NAME - len(ending)] + ending


def media_type(name: str, file: BinaryIO) -> str:
    """The type of `file`, which is left at its start.

    Raises `UnsupportedFile` for a name that promises nothing we take, `MismatchedFile` for a
    content that is something else.
    """
    promised = _TYPES.get(PurePosixPath(name).suffix.lower())
    if promised is None:
        raise UnsupportedFile
    found, is_one = promised
    file.seek(0)
    fits = is_one(file, found)
    file.seek(0)
    if not fits:
        raise MismatchedFile
    return found


def _by_signature(file: BinaryIO, wanted: str) -> bool:
    try:
        found = puremagic.magic_string(file.read(_HEAD))
    except (puremagic.PureError, ValueError):
        return False
    return any(match.mime_type == wanted for match in found)


def _heif(file: BinaryIO, _wanted: str) -> bool:
    head = file.read(12)
    return head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS


def _hwp(file: BinaryIO, _wanted: str) -> bool:
    content = file.read()
    return content.startswith(_HWP) or (content.startswith(_OLE) and _HWP in content)


def _hwpx(file: BinaryIO, _wanted: str) -> bool:
    """OWPML (KS X 6101): the first member names the type."""
    return _member(file, "mimetype") == b"application/hwp+zip"


def _office(main: str) -> Callable[[BinaryIO, str], bool]:
    """Office Open XML (ECMA-376) with this main part and no macros."""

    def is_one(file: BinaryIO, _wanted: str) -> bool:
        names = _members(file)
        return main in names and not any(name.lower().endswith(".bin") for name in names)

    return is_one


def _members(file: BinaryIO) -> frozenset[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            return frozenset(archive.namelist())
    except _NOT_A_ZIP:
        return frozenset()


def _member(file: BinaryIO, name: str) -> bytes | None:
    """The first bytes of a member: an archive that swells when opened is not read to its end."""
    try:
        with zipfile.ZipFile(file) as archive, archive.open(name) as member:
            return member.read(100)
    except _NOT_A_ZIP:
        return None


def _text(file: BinaryIO, _wanted: str) -> bool:
    """Words in one of the codings of Korean, neither markup nor a script."""
    content = file.read()
    for coding in _TEXT_CODINGS:
        try:
            text = content.decode(coding)
        except UnicodeDecodeError:
            continue
        printable = all(c in "\t\r\n\f" or unicodedata.category(c) != "Cc" for c in text)
        return printable and not text.lstrip().startswith(("<", "#!"))
    return False


_OOXML: Final = "application/vnd.openxmlformats-officedocument."
_TYPES: Final[dict[str, tuple[str, Callable[[BinaryIO, str], bool]]]] = {
    ".jpg": ("image/jpeg", _by_signature),
    ".jpeg": ("image/jpeg", _by_signature),
    ".png": ("image/png", _by_signature),
    ".webp": ("image/webp", _by_signature),
    ".heic": ("image/heic", _heif),
    ".heif": ("image/heif", _heif),
    ".pdf": ("application/pdf", _by_signature),
    ".hwp": ("application/x-hwp", _hwp),
    ".hwpx": ("application/hwp+zip", _hwpx),
    ".docx": (_OOXML + "wordprocessingml.document", _office("word/document.xml")),
    ".xlsx": (_OOXML + "spreadsheetml.sheet", _office("xl/workbook.xml")),
    ".txt": ("text/plain", _text),
}
ENDINGS: Final = tuple(_TYPES)
"""What a form may offer to choose (`accept`)."""
