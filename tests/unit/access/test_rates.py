"""One key that asks too often waits; the others do not."""

from __future__ import annotations

import pytest

from services.access.actor import Actor
from services.access.rates import Rates, TooManyRequests

STAFF = Actor("k1", "staff", "desk", "bukgu")
OTHER = Actor("k2", "staff", "desk", "bukgu")
CHANNEL = Actor("k3", "channel", "ars")


def allowed(rates: Rates, actor: Actor, now: float, tries: int) -> int:
    count = 0
    for _ in range(tries):
        try:
            rates.take(actor, now)
        except TooManyRequests:
            break
        count += 1
    return count


def test_a_key_has_a_burst_and_then_its_rate() -> None:
    rates = Rates(channel=0, others=10)
    assert allowed(rates, STAFF, 0.0, 50) == 20
    assert allowed(rates, STAFF, 0.5, 50) == 5
    assert allowed(rates, STAFF, 1.5, 50) == 10
    assert allowed(rates, STAFF, 100.0, 50) == 20
    assert allowed(rates, OTHER, 0.0, 20) == 20


def test_no_rate_is_no_limit() -> None:
    assert allowed(Rates(channel=0, others=10), CHANNEL, 0.0, 10_000) == 10_000


def test_a_key_just_refused_gets_in_a_moment_later() -> None:
    rates = Rates(channel=1, others=0)
    assert allowed(rates, CHANNEL, 0.0, 3) == 2
    with pytest.raises(TooManyRequests) as caught:
        rates.take(CHANNEL, 0.5)
    assert caught.value.retry_after == 1
    rates.take(CHANNEL, 1.0)
