"""`/staff/webhooks`: where agencies' own systems hear of changes, their secrets and deliveries."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from services.api.backend import PathId
from services.api.routes import webhooks as routes
from services.errors import InvalidField, NotFound, TriageError
from services.notices import webhooks
from services.notices.addresses import AddressRefused
from services.notices.plan import WEBHOOK_TYPES
from services.web import forms
from services.web.staff import once
from services.web.staff.entering import faults as faults_of
from services.web.staff.entering import filled
from services.web.staff.frame import Frame, Framed

router = APIRouter(prefix="/webhooks")

HERE: Final = "/staff/webhooks"
PAGE: Final = 25
REFUSED = (InvalidField, AddressRefused, webhooks.TooManyEndpoints)


@router.get("")
def show_list(frame: Framed) -> Response:
    return _list(frame)


@router.post("")
def add(frame: Framed, form: forms.Posted) -> Response:
    """The page of the new endpoint shows its secret, once."""
    sent = _sent(form)
    body = filled(sent, "url", "agency") | {"types": sent["types"]}
    try:
        made = routes.add_endpoint(frame.back, frame.actor, body)
    except REFUSED as error:
        return _list(frame, sent, error)
    id = str(made["id"])
    return once.hand_over(frame, f"{HERE}/{id}", "endpoint_added", id, made["secret"])


@router.get("/{id}")
def show(id: PathId, frame: Framed, cursor: int | None = None) -> Response:
    return _page(frame, id, cursor=cursor)


@router.post("/{id}")
def change(id: PathId, frame: Framed, form: forms.Posted) -> Response:
    sent = _sent(form)
    try:
        body = {"url": sent["url"] or None, "types": sent["types"] or None}
        routes.change_endpoint(id, frame.back, frame.actor, body)
    except REFUSED as error:
        return _page(frame, id, sent, error)
    return frame.to(f"{HERE}/{id}", "saved")


@router.post("/{id}/rotate")
def rotate(id: PathId, frame: Framed) -> Response:
    """A new secret; both sign for a day."""
    made = routes.rotate(id, frame.back, frame.actor, None)
    return once.hand_over(frame, f"{HERE}/{id}", "secret_rotated", str(id), made["secret"])


@router.post("/{id}/test")
def test(id: PathId, frame: Framed) -> Response:
    routes.send_test(id, frame.back, frame.actor, None)
    return frame.to(f"{HERE}/{id}", "test_sent")


@router.post("/{id}/switch")
def switch(id: PathId, frame: Framed, form: forms.Posted) -> Response:
    on = forms.text(form, "on") == "yes"
    routes.change_endpoint(id, frame.back, frame.actor, {"enabled": on})
    return frame.to(f"{HERE}/{id}", "endpoint_on" if on else "endpoint_off")


@router.post("/{id}/remove")
def remove(id: PathId, frame: Framed) -> Response:
    routes.remove_endpoint(id, frame.back, frame.actor)
    return frame.to(HERE, "endpoint_removed")


@router.post("/{id}/deliveries/{message_id}")
def redeliver(id: PathId, message_id: str, frame: Framed) -> Response:
    try:
        routes.redeliver(id, message_id, frame.back, frame.actor, None)
    except NotFound:
        return frame.to(f"{HERE}/{id}", "not_redelivered")
    return frame.to(f"{HERE}/{id}", "redelivered")


def _sent(form: forms.Posted) -> dict[str, Any]:
    types = [name for name in form.getlist("types") if name in WEBHOOK_TYPES]
    return {"url": forms.text(form, "url"), "agency": forms.text(form, "agency"), "types": types}


def _list(
    frame: Frame, sent: dict[str, Any] | None = None, error: TriageError | None = None
) -> Response:
    actor, pack = frame.actor, frame.back.pack
    found = routes.list_endpoints(frame.back, actor)
    return frame.page(
        "staff/webhooks.html",
        error.status if error else 200,
        items=found["items"],
        agencies=[] if actor.agency_id else [(a.name, a.name) for a in pack.agencies.values()],
        types=WEBHOOK_TYPES,
        sent=sent or {"url": "", "agency": "", "types": list(WEBHOOK_TYPES)},
        faults=faults_of(error, frame.say) if error else {},
    )


def _page(
    frame: Frame,
    id: UUID,
    sent: dict[str, Any] | None = None,
    error: TriageError | None = None,
    cursor: int | None = None,
) -> Response:
    endpoint = routes.show_endpoint(id, frame.back, frame.actor)
    log = routes.list_deliveries(id, frame.back, frame.actor, cursor=cursor, limit=PAGE)
    return once.forget(
        frame.page(
            "staff/webhook.html",
            error.status if error else 200,
            endpoint=endpoint,
            secret=once.take(frame, str(id)),
            types=WEBHOOK_TYPES,
            sent=sent or endpoint,
            faults=faults_of(error, frame.say) if error else {},
            items=log["items"],
            older=f"{HERE}/{id}?cursor={log['next_cursor']}" if log["next_cursor"] else "",
        )
    )
