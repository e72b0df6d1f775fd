"""Where agencies' systems are told of changes: endpoints, secrets, tests, deliveries."""

from __future__ import annotations

import ipaddress
from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from services.access.actor import Actor
from services.api.backend import (
    Back,
    Backend,
    Caller,
    Json,
    PathId,
    described,
    new_id,
    path_id,
    validated,
)
from services.api.routes.notices import Bare
from services.cases.orders import Name, Nothing, Order
from services.errors import Forbidden, InvalidField
from services.notices import webhooks
from services.notices.addresses import AddressRefused, allowed, target
from services.notices.plan import WEBHOOK_TYPES

router = APIRouter(tags=["webhooks"])

Limit = Annotated[int, Query(ge=1, le=200)]
Url = Annotated[str, Field(min_length=1, max_length=2_000)]
Type = Literal["case.routed", "case.rerouted", "case.due_soon", "case.closed"]
Types = Annotated[list[Type], Field(min_length=1, max_length=len(WEBHOOK_TYPES))]


class NewEndpoint(Order):
    """`agency` is by name, needed from an administrator of the whole city; `types` are all."""

    url: Url
    types: Types | None = None
    agency: Name | None = None


class ChangedEndpoint(Order):
    url: Url | None = None
    types: Types | None = None
    enabled: bool | None = None


@router.get("/v1/webhooks", summary="The agency's endpoints")
def list_endpoints(back: Back, actor: Caller) -> dict[str, Any]:
    _may(actor)
    with back.database.transaction(actor.scope) as conn:
        found = webhooks.list_endpoints(conn)
    return {"items": [_shown(row, back) for row in found], "next_cursor": None}


@router.post(
    "/v1/webhooks",
    status_code=201,
    summary="Add an endpoint; the answer shows its secret, once",
    openapi_extra=described(NewEndpoint),
)
def add_endpoint(back: Back, actor: Caller, body: Json) -> dict[str, Any]:
    _may(actor)
    order = validated(NewEndpoint, body)
    agency_id, id = _agency_id(back, actor, order.agency), new_id()
    with back.database.transaction(actor.scope) as conn:
        secret = webhooks.add_endpoint(
            conn,
            back.sealer,
            id=id,
            agency_id=agency_id,
            url=_checked(back, order.url),
            types=sorted(set(order.types or WEBHOOK_TYPES)),
            created_by=actor.name,
        )
        row = webhooks.find_endpoint(conn, id)
    return {**_shown(row, back), "secret": secret}


@router.get("/v1/webhooks/{id}", summary="An endpoint")
def show_endpoint(id: PathId, back: Back, actor: Caller) -> dict[str, Any]:
    _may(actor)
    with back.database.transaction(actor.scope) as conn:
        return _shown(webhooks.find_endpoint(conn, id), back)


@router.patch(
    "/v1/webhooks/{id}",
    summary="Change an endpoint, switch it off or on",
    openapi_extra=described(ChangedEndpoint),
)
def change_endpoint(id: PathId, back: Back, actor: Caller, body: Json) -> dict[str, Any]:
    _may(actor)
    order = validated(ChangedEndpoint, body)
    url = _checked(back, order.url) if order.url else None
    state = None if order.enabled is None else ("enabled" if order.enabled else "disabled")
    types = sorted(set(order.types)) if order.types else None
    with back.database.transaction(actor.scope) as conn:
        webhooks.change_endpoint(conn, id, url, types, state)
        return _shown(webhooks.find_endpoint(conn, id), back)


@router.delete("/v1/webhooks/{id}", status_code=204, summary="Remove an endpoint")
def remove_endpoint(id: PathId, back: Back, actor: Caller) -> Response:
    _may(actor)
    with back.database.transaction(actor.scope) as conn:
        webhooks.remove_endpoint(conn, id)
    return Response(status_code=204)


@router.post(
    "/v1/webhooks/{id}/rotate",
    summary="A new secret; both sign for a day",
    openapi_extra=described(Nothing),
)
def rotate(id: PathId, back: Back, actor: Caller, _: Bare) -> dict[str, Any]:
    _may(actor)
    with back.database.transaction(actor.scope) as conn:
        secret = webhooks.rotate_secret(conn, back.sealer, id)
        return {**_shown(webhooks.find_endpoint(conn, id), back), "secret": secret}


@router.post(
    "/v1/webhooks/{id}/test",
    status_code=202,
    summary="Send a test message",
    openapi_extra=described(Nothing),
)
def send_test(id: PathId, back: Back, actor: Caller, _: Bare) -> dict[str, Any]:
    """How it went is in the endpoint's deliveries a few seconds later."""
    _may(actor)
    message_id = new_id()
    with back.database.transaction(actor.scope) as conn:
        webhooks.ping(conn, webhooks.find_endpoint(conn, id), message_id)
    return {"message_id": message_id}


@router.get("/v1/webhooks/{id}/deliveries", summary="Attempts to deliver, the newest first")
def list_deliveries(
    id: PathId,
    back: Back,
    actor: Caller,
    cursor: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    _may(actor)
    with back.database.transaction(actor.scope) as conn:
        webhooks.find_endpoint(conn, id)
        page = webhooks.list_deliveries(conn, id, cursor, limit)
    return {
        "items": [_delivery(item) for item in page],
        "next_cursor": str(page[-1].id) if len(page) == limit else None,
    }


@router.post(
    "/v1/webhooks/{id}/deliveries/{message_id}/redeliver",
    status_code=202,
    summary="Send a message again, under the same id",
    openapi_extra=described(Nothing),
)
def redeliver(id: PathId, message_id: str, back: Back, actor: Caller, _: Bare) -> dict[str, Any]:
    _may(actor)
    message = path_id(message_id)
    with back.database.transaction(actor.scope) as conn:
        webhooks.find_endpoint(conn, id)
        webhooks.redeliver(conn, id, message)
    return {"message_id": message}


def _may(actor: Actor) -> None:
    """An administrator, or a key or manager of a whole agency: an endpoint hears of all of it."""
    actor.require("staff", "supervisor")
    if actor.departments or (actor.role != "admin" and actor.agency_id is None):
        raise Forbidden
    if actor.is_person and actor.role == "staff" and not actor.is_manager:
        raise Forbidden


def _agency_id(back: Backend, actor: Actor, name: str | None) -> str:
    if name is None and actor.agency_id is not None:
        return actor.agency_id
    agency = back.pack.agency_named(name or "")
    if agency is None:
        raise InvalidField("Name one of the city's agencies.", pointer="/agency")
    if actor.agency_id not in (None, agency.id):
        raise Forbidden
    return agency.id


def _checked(back: Backend, url: str) -> str:
    """The URL, if it may be posted to as far as its words tell; the rest shows at sending.

    Raises `InvalidField`, or `AddressRefused` for an address inside.
    """
    to = target(url)
    try:
        address = ipaddress.ip_address(to.host)
    except ValueError:
        address = None
    if address is not None and not allowed(address, back.webhook_allow):
        raise AddressRefused
    if to.scheme != "https" and not back.webhook_allow:
        raise InvalidField("A webhook's URL is https://host/path.", pointer="/url")
    return url


def _shown(row: webhooks.EndpointRow, back: Backend) -> dict[str, Any]:
    agency = back.pack.agencies.get(row.agency_id)
    return {**asdict(row), "agency": agency.name if agency else row.agency_id}


def _delivery(item: webhooks.Delivery) -> dict[str, Any]:
    shown: dict[str, Any] = asdict(item)
    message: UUID = shown.pop("notice_id")
    return {"message_id": message, **shown}
