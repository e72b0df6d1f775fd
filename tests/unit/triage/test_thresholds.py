"""The lowest level that keeps the promise, and an own one for agencies with lines enough."""

from __future__ import annotations

import pytest

from services.cli.thresholds import FEWEST, LEVELS, Case, fit_policy, lowest


def cases(agency: str, confidence: float, right: int, wrong: int) -> list[Case]:
    return [Case(agency, confidence, True)] * right + [Case(agency, confidence, False)] * wrong


def test_the_lowest_level_that_keeps_the_precision() -> None:
    some = cases("a", 0.9, 97, 3) + cases("a", 0.6, 50, 50)
    assert 0.6 < lowest(some, 0.95) <= 0.9


def test_no_level_keeps_it_where_the_surest_are_wrong() -> None:
    assert lowest(cases("a", 0.99, 1, 1), 0.95) == LEVELS[-1]


def test_few_lines_take_the_default() -> None:
    many, few = cases("many", 0.7, FEWEST, 0), cases("few", 0.8, FEWEST - 1, 0)
    policy = fit_policy(many + few, 0.3)
    assert set(policy.agency_thresholds) == {"many"}
    assert policy.threshold("few") == policy.route_threshold
    assert policy.emergency_threshold == pytest.approx(0.3)
