"""`/staff/templates`: the texts that replies begin with, by agency, department and service."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from services.access.actor import Actor
from services.api.backend import PathId
from services.api.routes import templates as routes
from services.cases.templates import store
from services.cases.templates.filling import NAMES
from services.city import CityPack
from services.errors import InvalidField, TriageError
from services.web import forms
from services.web.staff.entering import department_names, filled, given
from services.web.staff.entering import faults as faults_of
from services.web.staff.frame import Frame, Framed

router = APIRouter(prefix="/templates")

HERE: Final = "/staff/templates"
FIELDS: Final = ("name", "text", "agency", "department", "service")
REFUSED: Final = (InvalidField, store.TemplateExists)


def may_write(actor: Actor) -> bool:
    return actor.role in ("staff", "supervisor", "admin")


@router.get("")
def show_list(frame: Framed) -> Response:
    """The agency's own, then the city's examples."""
    found = routes.list_templates(frame.back, frame.actor)
    return frame.page(
        "staff/templates.html", items=found["items"], can_write=may_write(frame.actor)
    )


@router.get("/new")
def show_new(frame: Framed, example: int = -1) -> Response:
    """A blank one, or one that begins with the words of an example."""
    pack = frame.back.pack
    sent = dict.fromkeys(FIELDS, "")
    if 0 <= example < len(pack.reply_templates):
        given_by_city = pack.reply_templates[example]
        sent |= {name: str(given_by_city[name] or "") for name in ("name", "text", "service")}
    units = frame.actor.departments or ("",)
    return _form(frame, f"{HERE}/new", sent | {"department": units[0]})


@router.post("/new")
def add(frame: Framed, form: forms.Posted) -> Response:
    sent = given(form, *FIELDS)
    try:
        routes.add_template(frame.back, frame.actor, filled(sent, *FIELDS))
    except REFUSED as error:
        return _form(frame, f"{HERE}/new", sent, error)
    return frame.to(HERE, "saved")


@router.get("/{id}")
def show(id: PathId, frame: Framed) -> Response:
    frame.actor.require("staff", "supervisor")
    with frame.back.database.transaction(frame.actor.scope) as conn:
        item = store.find_template(conn, id)
    return _form(frame, f"{HERE}/{id}", _fields(item, frame.back.pack), id=str(id))


@router.post("/{id}")
def change(id: PathId, frame: Framed, form: forms.Posted) -> Response:
    sent = given(form, *FIELDS)
    try:
        routes.change_template(id, frame.back, frame.actor, filled(sent, *FIELDS))
    except REFUSED as error:
        return _form(frame, f"{HERE}/{id}", sent, error, id=str(id))
    return frame.to(HERE, "saved")


@router.post("/{id}/remove")
def remove(id: PathId, frame: Framed) -> Response:
    routes.delete_template(id, frame.back, frame.actor)
    return frame.to(HERE, "template_removed")


def _fields(item: store.ReplyTemplate, pack: CityPack) -> dict[str, str]:
    agency = pack.agencies.get(item.agency_id)
    return {
        "name": item.name,
        "text": item.text,
        "agency": agency.name if agency else "",
        "department": item.department or "",
        "service": item.service or "",
    }


def _form(
    frame: Frame, path: str, sent: dict[str, str], error: TriageError | None = None, id: str = ""
) -> Response:
    frame.actor.require("staff", "supervisor")
    pack, actor = frame.back.pack, frame.actor
    values: dict[str, Any] = {
        "path": path,
        "id": id,
        "sent": sent,
        "faults": faults_of(error, frame.say) if error else {},
        "placeholders": NAMES,
        "agencies": []
        if actor.agency_id
        else [(a.name, a.name) for a in pack.agencies.values() if a.kind != "external"],
        "units": department_names(actor, pack),
        "services": [(s.code, s.name) for s in pack.services.values()],
    }
    return frame.page("staff/template.html", error.status if error else 200, **values)
