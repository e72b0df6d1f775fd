"""Reply templates of an agency, and who else looks at a case."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import StringConstraints
from starlette.responses import Response

from services.access.actor import Actor
from services.api import views
from services.api.backend import (
    Back,
    Backend,
    Caller,
    Json,
    PathId,
    described,
    new_id,
    now,
    validated,
)
from services.api.routes.cases import STAFF
from services.cases import store as cases
from services.cases.acting import visible
from services.cases.case import Case
from services.cases.orders import Name, Nothing, Order
from services.cases.presence.store import look_at
from services.cases.templates import store
from services.cases.templates.filling import checked, fill
from services.errors import Forbidden, InvalidField

router = APIRouter(tags=["staff"])


class Template(Order):
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
    agency: Name | None = None
    department: Name | None = None
    service: Name | None = None


@router.get("/v1/reply-templates", summary="Texts to begin a reply with")
def list_templates(
    back: Back, actor: Caller, case: Annotated[UUID | None, Query()] = None
) -> dict[str, Any]:
    """With `case`: those that fit it, with `filled`. The city pack's own are marked `example`."""
    actor.require(*STAFF)
    with back.database.transaction(actor.scope) as conn:
        on = visible(cases.find_case(conn, case), actor) if case else None
        departments = list(actor.departments) if actor.departments else None
        found = store.list_templates(
            conn,
            on.agency_id if on else actor.agency_id,
            [on.department] if on and on.department else departments,
            on.service if on else None,
        )
    items = [views.template(item, back.pack) for item in found]
    items += [
        {"id": None, "agency": None, "department": None, "updated_at": None, **example}
        for example in back.pack.reply_templates
        if not (on and example["service"] and example["service"] != on.service)
    ]
    return {"items": [_filled(item, on, back) for item in items], "next_cursor": None}


def _filled(item: dict[str, Any], case: Case | None, back: Backend) -> dict[str, Any]:
    return {**item, "filled": fill(item["text"], case, back.pack)} if case else item


@router.post(
    "/v1/reply-templates", status_code=201, summary="Add one", openapi_extra=described(Template)
)
def add_template(back: Back, actor: Caller, body: Json) -> dict[str, Any]:
    return _put(back, actor, validated(Template, body), new_id(), None)


@router.put("/v1/reply-templates/{id}", summary="Change one", openapi_extra=described(Template))
def change_template(id: PathId, back: Back, actor: Caller, body: Json) -> dict[str, Any]:
    actor.require("staff", "supervisor")
    order = validated(Template, body)
    with back.database.transaction(actor.scope) as conn:
        before = store.find_template(conn, id)
        _mine(actor, before.department)
    return _put(back, actor, order, id, before.agency_id)


@router.delete("/v1/reply-templates/{id}", status_code=204, summary="Remove one")
def delete_template(id: PathId, back: Back, actor: Caller) -> Response:
    actor.require("staff", "supervisor")
    with back.database.transaction(actor.scope) as conn:
        _mine(actor, store.find_template(conn, id).department)
        store.delete_template(conn, id)
    return Response(status_code=204)


def _put(
    back: Backend, actor: Actor, order: Template, id: UUID, agency_id: str | None
) -> dict[str, Any]:
    actor.require("staff", "supervisor")
    named = back.pack.agency_named(order.agency) if order.agency else None
    owner = agency_id or actor.agency_id or (named.id if named else None)
    if owner is None or (named and named.id != owner):
        raise InvalidField("Name the agency whose template it is.", pointer="/agency")
    _mine(actor, order.department)
    if order.department and order.department not in {
        unit.name for unit in back.pack.departments.get(owner, ())
    }:
        raise InvalidField("The agency has no such department.", pointer="/department")
    if order.service and order.service not in back.pack.services:
        raise InvalidField("There is no such service in this city.", pointer="/service")
    template = store.ReplyTemplate(
        id=id,
        agency_id=owner,
        department=order.department,
        service=order.service,
        name=order.name,
        text=checked(order.text),
        updated_at=now(),
        updated_by=actor.name,
    )
    with back.database.transaction(actor.scope) as conn:
        store.put_template(conn, template)
    return views.template(template, back.pack)


def _mine(actor: Actor, department: str | None) -> None:
    """Who works for some departments writes for these alone."""
    if actor.departments and department not in actor.departments:
        raise Forbidden


@router.post(
    "/v1/cases/{id}/presence",
    summary="Show that I look at this case; who else does?",
    openapi_extra=described(Nothing),
)
def show_presence(id: PathId, back: Back, actor: Caller) -> dict[str, Any]:
    """To be sent every ten seconds; who has not been seen for thirty is left out."""
    actor.require(*STAFF)
    with back.database.transaction(actor.scope) as conn:
        visible(cases.find_case(conn, id), actor)
        others = look_at(conn, id, actor.name, actor.display_name or actor.name)
    return {"others": [{"name": other.name, "seen_at": other.seen_at} for other in others]}
