"""`minwon call`: a terminal as a telephone; a reference for makers of an ARS.

It speaks the public interface alone: type what you say, a key as `#4`, a tap as `@북구`, `!busy`,
`!no_answer` or `!answered` for a connection, an empty line for silence, and end it with Ctrl-D.
"""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import click
import httpx

TRIES = 3
UNAVAILABLE = 503


@dataclass(slots=True)
class Telephone:
    """One call."""

    http: httpx.Client
    id: str
    seq: int = 0
    rev: int = 0
    dialled: str = ""
    over: bool = False

    def do(self, line: str) -> list[dict[str, Any]]:
        """Post what the caller did; the directives that follow."""
        turn = {"turn_seq": self.seq + 1, **self._event(line.strip())}
        told = post(self.http, f"/v1/calls/{self.id}/turns", turn)
        if told["meta"]["stored"]:
            self.seq, self.rev = told["turn_seq"], told["meta"]["screen_rev"]
        self.follow(told["directives"])
        directives: list[dict[str, Any]] = told["directives"]
        return directives

    def follow(self, directives: Iterable[dict[str, Any]]) -> None:
        """Remember what an ARS must: whom it dials, which screen is shown, that it hung up."""
        for one in directives:
            self.dialled = one["agency"] if one["type"] == "transfer" else self.dialled
            self.rev = one["rev"] if one["type"] == "visual" else self.rev
            self.over = self.over or one["type"] == "hangup"

    def hang_up(self) -> dict[str, Any]:
        return post(self.http, f"/v1/calls/{self.id}/end", {})

    def _event(self, line: str) -> dict[str, Any]:
        if not line:
            return {"event": "no_input"}
        if line.startswith("#"):
            return {"event": "dtmf", "dtmf": {"digits": line[1:] or "#"}}
        if line.startswith("@"):
            return {"event": "visual_tap", "tap": {"node_id": line[1:], "screen_rev": self.rev}}
        if line.startswith("!"):
            transfer = {"agency": self.dialled or "-", "result": line[1:]}
            return {"event": "transfer_result", "transfer": transfer}
        return {"event": "speech", "speech": {"text": line, "confidence": 0.9}}


def post(http: httpx.Client, path: str, body: Any) -> dict[str, Any]:
    """The answer; without one, and after 503, the same is posted again: it is stored once."""
    for attempt in range(1, TRIES + 1):
        try:
            answer = http.post(path, json=body)
        except httpx.TransportError:
            if attempt == TRIES:
                raise click.ClickException("no answer") from None
            continue
        if answer.status_code != UNAVAILABLE or attempt == TRIES:
            break
        time.sleep(int(answer.headers["Retry-After"]))
    if answer.is_error:
        raise click.ClickException(f"{answer.status_code} {answer.json().get('code')}")
    told: dict[str, Any] = answer.json()
    return told


def shown(directive: dict[str, Any]) -> str:
    """A directive as a caller would hear or see it."""
    kind = directive["type"]
    if kind == "ask":
        keys = " ".join(f"{key}={value}" for key, value in directive["dtmf_map"].items())
        return f"  ? {directive['prompt']}  [{keys}]"
    if kind == "transfer":
        number = directive["number"] or "by name"
        return f"  > {directive['agency']} ({number}), on failure: {directive['on_fail']}"
    if kind == "visual":
        choices = " ".join(choice["node_id"] for choice in directive["screen"].get("choices", ()))
        return f"  # screen {directive['rev']}: {choices}"
    if kind == "hangup":
        return f"  . {directive['reason']}"
    return f"  {'✉' if kind == 'sms' else '-'} {directive['text']}"


def converse(url: str, key: str) -> None:
    """Hold one call from the terminal."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=url, headers=headers, timeout=15, trust_env=False) as http:
        body = {"call_id": str(uuid.uuid4()), "notices": {"recording": True, "ai": True}}
        begun = post(http, "/v1/calls", body)
        call = Telephone(http, begun["id"])
        call.follow(begun["directives"])
        click.echo(f"screen: {url}{begun['visual_url']}")
        _echo(begun["directives"])
        for line in sys.stdin:
            _echo(call.do(line))
            if call.over:
                break
        ended = call.hang_up()
        numbers = ", ".join(case["receipt_number"] for case in ended["cases"]) or "-"
        click.echo(f"outcome: {ended['outcome']}, cases: {numbers}")


def _echo(directives: Iterable[dict[str, Any]]) -> None:
    for directive in directives:
        click.echo(shown(directive))
