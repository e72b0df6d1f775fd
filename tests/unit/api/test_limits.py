"""Ten failures a minute, for each name by itself."""

from __future__ import annotations

import pytest

from services.api import limits


def test_the_eleventh_try_waits() -> None:
    attempts = limits.Attempts()
    for _ in range(limits.ALLOWED):
        attempts.check("a")
        attempts.failed("a")
    with pytest.raises(limits.TooManyAttempts) as caught:
        attempts.check("a")
    assert caught.value.status == 429
    assert caught.value.retry_after == 60
    attempts.check("b")


def test_names_are_not_remembered_without_end() -> None:
    attempts = limits.Attempts()
    for _ in range(limits.ALLOWED):
        attempts.failed("guessed")
    for number in range(limits.REMEMBERED - 1):
        attempts.failed(str(number))
    with pytest.raises(limits.TooManyAttempts):
        attempts.check("guessed")
    for number in range(10):
        attempts.failed(f"more {number}")
    assert len(attempts._failures) == limits.REMEMBERED
