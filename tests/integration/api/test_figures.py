"""The supervisor's figures and the gauges, counted by hand once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.api.town import Town, web


@pytest.fixture(scope="module")
def figures(town: Town) -> dict[str, Any]:
    """Six cases and a silent call: five of 북구청, one of 서구청."""
    quiet = {"channel": "voice", "voice": {"call_id": "q", "transcript": {"segments": []}}}
    assert town.file(quiet).status_code == 202
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    done, late, corrected, bounced, waiting = (town.file(web()).json()["id"] for _ in range(5))
    town.place([done], due_at=tomorrow)
    town.place([late, corrected, bounced])
    town.place([waiting], state="review", decision="review")
    town.routed(agency_id="seogu", department="민원실")
    for id in (done, late):
        town.act(id, "assign", "북구청", 2, assignee="team-1")
        town.act(id, "start", "북구청", 3)
        town.act(id, "submit", "북구청", 4, reply="고쳤습니다", outcome="accepted")
        town.act(id, "approve", "북구청", 5)
    town.act(corrected, "correct", "북구청", 2, service="park-green")
    town.act(bounced, "reroute", "북구청", 2, reason="소관 아님")
    town.act(late, "reopen", "북구청", 6, reason="착오")
    found: dict[str, Any] = town.get("/v1/metrics/summary", "supervisor").json()
    return found


def test_volume_is_counted_by_channel_and_outcome(figures: dict[str, Any]) -> None:
    assert figures["volume"] == {
        "interactions": 7,
        "by_channel": {"voice": 1, "web": 6},
        "by_outcome": {"abandoned": 1, "reported": 6},
    }


def test_cases_are_counted_by_state_and_age(figures: dict[str, Any]) -> None:
    cases = figures["cases"]
    assert cases["by_state"] == {
        "resolved": 1,
        "in_progress": 1,
        "routed": 2,
        "reroute_requested": 1,
        "review": 1,
    }
    assert (cases["cases"], cases["backlog"], cases["overdue"]) == (6, 5, 4)
    assert (cases["resolved"], cases["resolved_on_time"]) == (1, 1)
    assert 0 <= cases["first_response_p50_seconds"] < 60
    assert 0 <= cases["resolution_p50_seconds"] <= cases["resolution_p90_seconds"] < 60


def test_rates_are_shares_of_what_they_say(figures: dict[str, Any]) -> None:
    assert figures["rates"] == {
        "on_time": 1.0,
        "reroute": round(1 / 6, 4),
        "bounce": round(1 / 6, 4),
        "reopen": round(1 / 6, 4),
        "auto_routing_coverage": round(5 / 6, 4),
    }


def test_the_machine_is_judged_by_what_staff_touched(figures: dict[str, Any]) -> None:
    assert figures["model"] == {
        "judged": 3,
        "service_right": 2,
        "agency_right": 3,
        "service_top1": round(2 / 3, 4),
        "agency_top1": 1.0,
    }


def test_an_agencys_figures_hold_nothing_of_others(figures: dict[str, Any], town: Town) -> None:
    assert figures
    for who, parameters in [("supervisor", {"agency": "서구청"}), ("seogu lead", {})]:
        town.make_key("seogu lead", role="supervisor", agency_id="seogu")
        found = town.get("/v1/metrics/summary", who, **parameters).json()
        assert found["cases"]["by_state"] == {"routed": 1}
        assert found["volume"]["by_channel"] == {"web": 1}
        assert found["rates"]["on_time"] is None


def test_a_window_holds_what_was_received_in_it(figures: dict[str, Any], town: Town) -> None:
    assert figures
    past = {"from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z"}
    found = town.get("/v1/metrics/summary", "supervisor", **past).json()
    assert found["cases"]["cases"] == found["volume"]["interactions"] == 0
    assert found["model"]["service_top1"] is None


def test_every_state_has_a_gauge(figures: dict[str, Any], town: Town) -> None:
    assert figures
    answer = town.client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    for line in (
        'minwon_cases{state="routed"} 2.0',
        'minwon_cases{state="review"} 1.0',
        'minwon_outbox{topic="triage"} 6.0',
        'minwon_outbox_dead{topic="triage"} 0.0',
    ):
        assert line in lines
    assert any(line.startswith('minwon_cases_oldest_seconds{state="review"}') for line in lines)
    assert any(line.startswith('minwon_outbox_oldest_seconds{topic="triage"}') for line in lines)
    assert "가로등" not in answer.text
