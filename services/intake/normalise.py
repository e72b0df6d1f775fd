"""Text as stored: NFC, no control, zero-width or direction-changing characters, trimmed."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 20_000

_UNSEEN = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f"  # control characters, save tab and line feed
    r"\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")


def normalise(text: str) -> str:
    """The text in NFC with unseen characters taken out and runs of blanks made one."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    seen = _UNSEEN.sub("", lines)
    return _LINES.sub("\n", _BLANKS.sub(" ", seen)).strip()
