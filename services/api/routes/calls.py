"""The live call: an ARS posts each turn and is told in the same second what to do next."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header
from sse_starlette.sse import EventSourceResponse
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.api.backend import (
    Backend,
    PathId,
    backend,
    bearer,
    described,
    path_id,
    read_json,
    validated,
)
from services.dialogue.desk import fingerprint
from services.dialogue.turns import CallIn, EndIn, TurnIn
from services.intake.record import fingerprint as canonical

router = APIRouter(tags=["live call"])

KEY_SECONDS = 0.7
"""A turn that cannot wait, waits no longer to have its key looked at."""
LastEvent = Annotated[str | None, Header(alias="Last-Event-ID")]


@router.post("/v1/calls", status_code=201, summary="Begin a call", openapi_extra=described(CallIn))
async def begin_call(request: Request) -> Response:
    """The first directives, and the address of the caller's screen; again for the same body."""
    back, client = await _channel(request)
    body = await read_json(request)
    call = validated(CallIn, body)
    answer = await back.calls.begin(client, fingerprint(canonical(body).encode()), call)
    return JSONResponse(answer, 201)


@router.post("/v1/calls/{id}/turns", summary="What the caller did", openapi_extra=described(TurnIn))
async def take_turn(request: Request, id: str) -> Response:
    """The next directives. Post the same turn again and the stored answer comes back."""
    began = time.perf_counter()
    back, key = backend(request), bearer(request)
    actor = await back.keys.find_soon(key, KEY_SECONDS)
    caller = actor or back.keys.lately(key)
    if caller is not None:
        caller.require("channel")
    call, body = path_id(id), await read_json(request)
    turn = validated(TurnIn, body)
    if actor is None and caller is not None and back.calls.hurries(turn):
        return JSONResponse(back.calls.unstored(turn, began))
    actor = actor or await back.keys.find(key)
    actor.require("channel")
    sha256 = fingerprint(canonical(body).encode())
    return JSONResponse(await back.calls.turn(actor.client, call, sha256, turn, began))


async def _take_turn_directly(request: Request) -> Response:
    return await take_turn(request, request.path_params["id"])


DIRECT = Route("/v1/calls/{id}/turns", _take_turn_directly, methods=["POST"])
"""`take_turn` as it is served, past the steps of FastAPI's, which describes it."""


@router.post("/v1/calls/{id}/end", summary="The line is gone", openapi_extra=described(EndIn))
async def end_call(request: Request, id: PathId) -> Response:
    """How the call came out, and the cases filed in it. Ending it again changes nothing."""
    back, client = await _channel(request)
    if request.headers.get("content-length", "0") != "0":
        validated(EndIn, await read_json(request))
    return JSONResponse(await back.calls.end(client, id))


@router.get("/v1/calls/{id}/events", summary="The call's screen, as it changes (SSE)")
async def follow_call(request: Request, id: PathId, last_event_id: LastEvent = None) -> Response:
    """Events `screen {screen, rev}` with the revision as their id, then `ended {outcome}`.

    `directives {directives}` tells at once what a tap on the page led to; the answer to the next
    turn brings the same ones again, by the same ids.
    """
    back, client = await _channel(request)
    await back.calls.shown(client, id)
    seen = int(last_event_id) if last_event_id and last_event_id.isdecimal() else -1
    return EventSourceResponse(_screens(back, client, id, seen))


async def _screens(
    back: Backend, client: str, id: UUID, seen: int
) -> AsyncIterator[dict[str, Any]]:
    async for _ in back.calls.hub.changes(str(id)):
        state, ended_at = await back.calls.shown(client, id)
        if state.screen_rev != seen:
            seen = state.screen_rev
            screen = {"screen": state.screen, "rev": seen}
            yield {"event": "screen", "id": str(seen), "data": json.dumps(screen)}
            if carried := await back.calls.carried(client, id):
                yield {"event": "directives", "data": json.dumps({"directives": carried})}
        if ended_at is not None:
            yield {"event": "ended", "data": json.dumps({"outcome": state.outcome})}
            return


async def _channel(request: Request) -> tuple[Backend, str]:
    back = backend(request)
    actor = await back.keys.find(bearer(request))
    actor.require("channel")
    return back, actor.client
