"""Posts real-looking complaints through every channel and tells where each went and why."""

from __future__ import annotations

import hashlib
import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 60.0
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""The stack is on this machine; a proxy set for the network must not be asked."""


def complaints(city_pack: Path) -> list[dict[str, Any]]:
    lines = (city_pack / "demo.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def run_demo(
    base_url: str, keys: dict[str, Any], echo: Callable[[str], None], city_pack: Path
) -> None:
    """File each complaint of the pack's demo, wait for its triage, and echo what came of it."""
    filed = [(body, _post(base_url, keys["channel"], body)) for body in complaints(city_pack)]
    echo(f"{len(filed)} demo complaints filed; where each went and why:")
    for body, receipt in filed:
        shown = _triaged(base_url, keys["channel"], receipt["id"])
        echo(_line(body, receipt, shown))
    one = filed[0][1]
    echo(f"track one: {base_url}/track with {one['receipt_number']} and {one['lookup_code']}")


def _post(base_url: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """File a complaint, or find it again: the same demo on the same data files nothing twice."""
    text = json.dumps(body, sort_keys=True).encode()
    once = f"demo-{hashlib.sha256(text).hexdigest()[:32]}"
    headers = {"Content-Type": "application/json", "Idempotency-Key": once}
    return _call(f"{base_url}/v1/complaints", key, text, headers)


def _triaged(base_url: str, key: str, id: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        shown = _call(f"{base_url}/v1/complaints/{id}", key)
        if shown["status"] != "received" or time.monotonic() > deadline:
            return shown
        time.sleep(0.1)


def _call(
    url: str, key: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - the stack's own address
        url, body, {"Authorization": f"Bearer {key}", **(headers or {})}
    )
    with _DIRECT.open(request, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
        return answer


def _line(body: dict[str, Any], receipt: dict[str, Any], shown: dict[str, Any]) -> str:
    owner = _owner(shown["agency"], shown["department"])
    confidence = shown["confidence"] or 0.0
    why = "; ".join(reason["text"] for reason in shown["reasons"][:3])
    return (
        f"  {receipt['receipt_number']} {body['channel']:<10} {_words(body)}\n"
        f"      -> {shown['status']}: {owner} [{shown['service']}, {shown['urgency']}, "
        f"{confidence:.2f}] {why}"
    )


def _owner(agency: str | None, department: str | None) -> str:
    if agency is None:
        return "소관 미정"
    return agency if not department or agency.endswith(department) else f"{agency} {department}"


def _words(body: dict[str, Any]) -> str:
    block = body[body["channel"]]
    transcript = block.get("transcript", {})
    said = [turn["text"] for turn in transcript.get("segments", []) if turn["speaker"] == "caller"]
    text: str = block.get("body") or block.get("text") or transcript.get("text") or said[0]
    return text if len(text) <= 40 else text[:39] + "…"
