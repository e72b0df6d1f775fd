"""Small files of every kind that is taken, and of some that are not."""

from __future__ import annotations

import io
import zipfile


def archive(**members: bytes) -> bytes:
    """A zip archive; two underscores in a name stand for a slash."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, data in members.items():
            file.writestr(name.replace("__", "/"), data)
    return content.getvalue()


OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + bytes(64) + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n" + bytes.fromhex("0000000d49484452") + bytes(64)
DOCX = archive(**{"[Content_Types].xml": b"<a/>", "word__document.xml": b"<a/>"})

TAKEN: dict[str, tuple[bytes, str]] = {
    "현장.jpg": (JPEG, "image/jpeg"),
    "현장.JPEG": (JPEG, "image/jpeg"),
    "a.png": (PNG, "image/png"),
    "a.webp": (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(32), "image/webp"),
    "IMG_0001.HEIC": (b"\x00\x00\x00\x18ftypheic" + bytes(64), "image/heic"),
    "a.heif": (b"\x00\x00\x00\x18ftypmif1" + bytes(64), "image/heif"),
    "a.pdf": (b"%PDF-1.7\n1 0 obj\n%%EOF\n", "application/pdf"),
    "민원.hwp": (OLE + b"HWP Document File" + bytes(256), "application/x-hwp"),
    "old.hwp": (b"HWP Document File V3.00 \x1a\x01\x02\x03\x04\x05", "application/x-hwp"),
    "민원.hwpx": (archive(mimetype=b"application/hwp+zip"), "application/hwp+zip"),
    "a.docx": (DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "a.xlsx": (
        archive(xl__workbook=b"", **{"xl__workbook.xml": b"<a/>"}),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "utf8.txt": ("가로등이 고장 났어요\r\n".encode(), "text/plain"),
    "euckr.txt": ("가로등이 고장 났어요".encode("cp949"), "text/plain"),
}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!doctype html><script>alert(1)</script>"
REFUSED: dict[str, tuple[str, bytes, str]] = {
    "a page by its name": ("a.html", HTML, "unsupported_file_type"),
    "SVG by its name": ("a.svg", SVG, "unsupported_file_type"),
    "a program by its name": ("a.exe", b"MZ\x90\x00" + bytes(64), "unsupported_file_type"),
    "no ending": ("README", b"text", "unsupported_file_type"),
    "two endings": ("현장.jpg.exe", JPEG, "unsupported_file_type"),
    "a page called a picture": ("a.jpg", HTML, "file_type_mismatch"),
    "SVG called a picture": ("a.png", SVG, "file_type_mismatch"),
    "a program called a document": ("a.pdf", b"MZ\x90\x00" + bytes(64), "file_type_mismatch"),
    "a program called a text": ("a.txt", b"\x7fELF" + bytes(64), "file_type_mismatch"),
    "a page called a text": ("a.txt", b"\n " + HTML, "file_type_mismatch"),
    "a script called a text": ("a.txt", b"#!/bin/sh\n", "file_type_mismatch"),
    "one picture called another": ("a.png", JPEG, "file_type_mismatch"),
    "any archive called a document": ("a.docx", archive(a=b"b"), "file_type_mismatch"),
    "an archive that is none": ("a.xlsx", b"PK\x03\x04" + bytes(40), "file_type_mismatch"),
    "macros": (
        "a.docx",
        archive(**{"word__document.xml": b"", "word__vbaProject.bin": b""}),
        "file_type_mismatch",
    ),
    "an old office file called HWP": ("a.hwp", OLE + bytes(256), "file_type_mismatch"),
}
