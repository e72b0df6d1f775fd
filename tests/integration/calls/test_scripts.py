"""Written calls, replayed over HTTP: what is said back, and how each comes out."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from services.settings import ROOT
from tests.integration.api.town import Town
from tests.integration.calls.caller import Caller, marks, speech

SCRIPTS = json.loads((ROOT / "tests/data/calls/scripts.json").read_text(encoding="utf-8"))
NAMES = {"desk": "당직실", "1345": "외국인종합안내센터"}


@pytest.mark.parametrize("script", SCRIPTS, ids=[script["name"] for script in SCRIPTS])
def test_call(town: Town, script: dict[str, Any]) -> None:
    caller, dialled = Caller.dial(town), ""
    for step in script["turns"]:
        told = caller.turn(body(step, caller, dialled))
        found = marks(told["directives"])
        for wanted in step["expect"]:
            kind, _, name = wanted.partition(":")
            assert (f"{kind}:{NAMES.get(name, name)}" if name else kind) in found, found
        dialled = next((d["agency"] for d in told["directives"] if d["type"] == "transfer"), "")
        check(step, told)
    ended = caller.end()
    assert (ended["outcome"], len(ended["cases"])) == (script["outcome"], script["cases"])
    filed = town.rows(
        "SELECT count(*), count(o.id) FILTER (WHERE o.topic = 'triage') FROM cases c"
        " LEFT JOIN outbox o ON o.case_id = c.id WHERE c.interaction_id = %s",
        UUID(caller.id),
    )
    assert filed == [(script["cases"], script["cases"])]
    outcome = town.rows("SELECT outcome FROM interactions WHERE id = %s", UUID(caller.id))
    assert outcome == [(script["outcome"],)]


def body(step: dict[str, Any], caller: Caller, dialled: str) -> dict[str, Any]:
    """The turn that an ARS posts for one line of a script."""
    if "say" in step:
        return speech(step["say"], step.get("confidence", 0.9))
    if "key" in step:
        return {"event": "dtmf", "dtmf": {"digits": step["key"]}}
    if "transfer" in step:
        result = {"agency": dialled or "?", "result": step["transfer"], "ring_s": 3}
        return {"event": "transfer_result", "transfer": result}
    if "tap" in step:
        rev = caller.rev - step.get("rev_back", 0)
        form = {"form": step["form"]} if "form" in step else {}
        return {"event": "visual_tap", "tap": {"node_id": step["tap"], "screen_rev": rev, **form}}
    return {"event": step["event"]}


def check(step: dict[str, Any], told: dict[str, Any]) -> None:
    if step.get("receipt"):
        number = told["case"]["receipt_number"]
        said = " ".join(d["text"] for d in told["directives"] if d["type"] == "say")
        assert " ".join(number.split("-")[1]) in said
    if "service" in step:
        assert told["decision"]["service"] == step["service"]
    if "agency" in step:
        assert told["decision"]["agency"] == step["agency"]
    if "abuse" in step:
        assert told["safety"]["abuse_level"] == step["abuse"]
    assert told["meta"]["degraded"] is False
