"""The main job over HTTP: complaints of three channels, each in its agency's queue, to the end."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models.complaints import Complaint, read
from services.city import CityPack
from services.settings import ROOT
from services.triage.place import Place
from services.triage.rules import find_owner
from tests.running import Running, complaint, eventually, post

EACH = 100
CHANNELS = ("voice", "visual_ars", "web")
UNSEEN = ROOT / "tests" / "data" / "complaints.jsonl"
"""A hundred lines of each channel, written apart from the training lines and never trained on."""


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of three hundred complaints, seen before any other test touched them.

    Other tests share the stack in any order, so what is counted is counted here.
    """

    rows: list[tuple[Complaint, dict[str, Any], dict[str, Any]]]
    """(line, receipt, what the channel is shown) of each."""
    queues: dict[str, list[dict[str, Any]]]
    """By agency."""
    before: dict[str, Any]
    after: dict[str, Any]
    """The supervisor's summary, before the first was filed and after the last was triaged."""

    def routed_to(self, agency: str) -> set[str]:
        return {
            receipt["id"]
            for _, receipt, shown in self.rows
            if shown["status"] == "routed" and shown["agency"] == agency
        }


@pytest.fixture(scope="module")
def filed(stack: Running) -> Filed:
    with stack.client("channel") as channel, stack.client("supervisor") as supervisor:
        before = supervisor.get("/v1/metrics/summary").json()
        receipts = [
            (line, post(channel, complaint(vars_of(line), number)))
            for number, line in enumerate(read(UNSEEN))
        ]

        def shown(receipt: dict[str, Any]) -> dict[str, Any]:
            answer: dict[str, Any] = channel.get(receipt["links"]["self"]).json()
            return answer

        eventually(lambda: shown(receipts[-1][1])["status"] != "received", 60)
        eventually(
            lambda: all(shown(receipt)["status"] != "received" for _, receipt in receipts), 60, 1.0
        )
        rows = [(line, receipt, shown(receipt)) for line, receipt in receipts]
        after = supervisor.get("/v1/metrics/summary").json()
    queues = {}
    for agency in {shown["agency"] for _, _, shown in rows if shown["status"] == "routed"}:
        with stack.client("staff", agency) as staff:
            queues[agency] = everything(staff, "/v1/queue")
    return Filed(rows, queues, before, after)


def vars_of(line: Complaint) -> dict[str, Any]:
    return {"channel": line.channel, "text": line.text}


def gold_agency(line: Complaint, pack: CityPack) -> str | None:
    """The agency that the labels name by the owner rules; None if the district is open."""
    road_class = {"arterial": "arterial", "local": "local"}.get(line.road_class or "")
    place = Place(district=line.district, road_class=road_class)  # type: ignore[arg-type]
    owner = find_owner(pack, line.service, place).agency
    return pack.agencies[owner].name if owner else None


def test_each_complaint_lies_in_the_queue_of_its_gold_agency(
    filed: Filed,
    pack: CityPack,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert len(filed.rows) == 3 * EACH
    routed = [(line, shown) for line, _, shown in filed.rows if shown["status"] == "routed"]
    right = [shown["agency"] == gold_agency(line, pack) for line, shown in routed]
    owned = [shown["agency"] == gold_agency(line, pack) for line, _, shown in filed.rows]
    with capsys.disabled():
        print(
            f"\n  300 complaints: {len(routed)} routed, {sum(right)} of them to the gold agency "
            f"({sum(right) / len(right):.3f}); gold agency named for {sum(owned) / len(owned):.3f}"
        )
    assert sum(right) / len(right) > 0.9
    assert all(shown["status"] in ("routed", "review") for _, _, shown in filed.rows)
    for agency, queue in filed.queues.items():
        assert filed.routed_to(agency) <= {case["id"] for case in queue}
        assert {case["agency"] for case in queue} == {agency}


def everything(client: Any, path: str) -> list[dict[str, Any]]:
    """All pages of a list."""
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = client.get(path, params={"limit": 50, **({"cursor": cursor} if cursor else {})})
        items += page.json()["items"]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            return items


def test_two_members_of_staff_never_claim_the_same_case(filed: Filed, stack: Running) -> None:
    agency = "북구청"
    waiting = filed.routed_to(agency)
    assert len(waiting) >= 10
    taken: list[list[str]] = [[], []]

    def claim(number: int) -> None:
        with stack.client("staff", agency) as staff:
            while items := staff.post("/v1/queue:claim", json={"max": 2}).json()["items"]:
                taken[number] += [case["id"] for case in items]

    people = [threading.Thread(target=claim, args=(number,)) for number in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert set(taken[0]).isdisjoint(taken[1])
    assert waiting <= {*taken[0], *taken[1]}


def test_a_case_is_resolved_and_the_citizen_sees_it(filed: Filed, stack: Running) -> None:
    _, receipt, shown = next(
        row for row in filed.rows if row[2]["status"] == "routed" and row[2]["agency"] != "북구청"
    )
    with stack.client("staff", shown["agency"]) as staff:
        while True:
            items = staff.post("/v1/queue:claim", json={"max": 50}).json()["items"]
            if any(case["id"] == receipt["id"] for case in items):
                break
            assert items
        path = f"/v1/cases/{receipt['id']}"
        tag = staff.get(path).headers["ETag"]
        for action, body in (
            ("start", {}),
            ("note", {"text": "현장 확인했습니다."}),
            ("submit", {"reply": "조치를 마쳤습니다.", "outcome": "accepted"}),
            ("resolve", {}),
        ):
            response = staff.post(f"{path}/{action}", json=body, headers={"If-Match": tag})
            assert response.status_code == 200, response.text
            tag = response.headers["ETag"]
        events = [event["action"] for event in staff.get(f"{path}/events").json()["items"]]
    assert events == ["receive", "route", "claim", "start", "note", "submit", "resolve"]
    with stack.client("channel") as anyone:
        tracked = anyone.get(receipt["links"]["track"], params={"code": receipt["lookup_code"]})
    assert tracked.json()["status"] == "resolved"
    assert tracked.json()["reply"] == "조치를 마쳤습니다."
    assert [step["status"] for step in tracked.json()["timeline"]][-1] == "resolved"


def test_the_desk_decides_what_the_machine_would_not(filed: Filed, stack: Running) -> None:
    with stack.client("triage") as desk:
        waiting = desk.get("/v1/review").json()["items"]
        assert waiting
        assert all(case["reasons"] for case in waiting)
        order = {"service": waiting[0]["service"], "agency": "서구청"}
        decided = desk.post(f"/v1/review/{waiting[0]['id']}/decide", json=order)
        assert (decided.status_code, decided.json()["state"]) == (200, "routed")
    with stack.client("staff", "서구청") as staff:
        assert staff.get(f"/v1/cases/{waiting[0]['id']}").json()["agency"] == "서구청"


def test_the_summary_counts_what_happened(filed: Filed) -> None:
    def by_channel(summary: dict[str, Any]) -> Counter[str]:
        return Counter(summary["volume"]["by_channel"])

    more = by_channel(filed.after) - by_channel(filed.before)
    assert more == dict.fromkeys(CHANNELS, EACH)
    triaged = [summary["cases"]["triaged"] for summary in (filed.before, filed.after)]
    assert triaged[1] - triaged[0] == 3 * EACH
    assert filed.after["rates"]["auto_routing_coverage"] > 0.4


def test_keys_are_private(stack: Running) -> None:
    file: Path = stack.data / "keys.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text(encoding="utf-8")).keys() == {
        "channel",
        "triage",
        "supervisor",
        "admin",
        "staff",
    }
