"""Passwords: a flood of sign-ins must leave a process its threads."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest

from services.access import passwords


def test_whoever_finds_no_room_is_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = passwords.hash("correct horse battery")
    room = threading.BoundedSemaphore(2)
    monkeypatch.setattr(passwords, "_room", room)
    with ExitStack() as full:
        for _ in range(2):
            full.enter_context(room)
        with pytest.raises(passwords.Busy):
            passwords.matches(stored, "correct horse battery")
    assert passwords.matches(stored, "correct horse battery")
    assert not passwords.matches(stored, "wrong horse battery")
