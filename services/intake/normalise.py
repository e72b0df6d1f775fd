"""Text as stored: NFC, no control, zero-width or direction-changing characters, trimmed."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 20_000

_UNSEEN = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f"  # control characters, save tab and line feed
    r"\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    r"\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff"
    r"\u115f\u1160\u2800\u3164\uffa0]"  # fillers: letters by name, blank to the eye
)
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")


def normalise(text: str) -> str:
    """The text in NFC with unseen characters taken out and runs of blanks made one."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    seen = unicodedata.normalize("NFC", _UNSEEN.sub("", lines))
    return _LINES.sub("\n", _BLANKS.sub(" ", seen)).strip()
