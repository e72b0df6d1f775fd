"""The form of an article: a new one, one for a question asked in vain, or new words for one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from services.api.backend import PathId, new_id
from services.api.routes import knowledge as routes
from services.city import CityPack
from services.city.articles import Article
from services.errors import InvalidField
from services.knowledge import gaps, states, store
from services.web import forms
from services.web.staff.entering import department_names, filled, given
from services.web.staff.entering import faults as faults_of
from services.web.staff.frame import Frame, Framed

router = APIRouter(prefix="/knowledge")

HERE: Final = "/staff/knowledge"
PAGE: Final = 50
FIELDS: Final = (
    *("title", "questions", "answer", "more", "service", "audience", "language", "agency"),
    *("department", "valid_from", "valid_until", "confirmed", "source"),
)
LIMITS: Final = {"title": 200, "answer": 200, "more": 5000, "source": 200}
BLANK: Final = dict.fromkeys(FIELDS, "") | {"audience": "everyone", "language": "ko"}


@router.get("/new")
def show_new(frame: Framed) -> Response:
    frame.actor.require(*routes.READERS)
    own = frame.back.pack.agencies.get(frame.actor.agency_id or "")
    return _form(frame, f"{HERE}/new", BLANK | {"agency": own.name if own else ""})


@router.post("/new")
def create(frame: Framed, form: forms.Posted) -> Response:
    sent = given(form, *FIELDS)
    id = _new_id(sent["service"])
    try:
        routes.create(frame.back, frame.actor, _body(sent) | {"id": id}, Response())
    except InvalidField as error:
        return _form(frame, f"{HERE}/new", sent, error)
    return frame.to(f"{HERE}/articles/{id}", "draft_saved")


@router.get("/articles/{id}/edit")
def show_edit(id: str, frame: Framed) -> Response:
    held = _held(frame, id)
    words = _fields(held.article, frame.back.pack)
    return _form(frame, f"{HERE}/articles/{id}/edit", words, version=str(held.version))


@router.post("/articles/{id}/edit")
def edit(id: str, frame: Framed, form: forms.Posted) -> Response:
    """What is read out stays as it is until the draft is approved."""
    sent, version = given(form, *FIELDS), forms.text(form, "version")
    path = f"{HERE}/articles/{id}/edit"
    try:
        routes.edit(id, frame.back, frame.actor, _body(sent), Response(), version)
    except InvalidField as error:
        return _form(frame, path, sent, error, version=version)
    except (store.StaleArticle, states.IllegalStep):
        held = _held(frame, id)
        now = _fields(held.article, frame.back.pack)
        return _form(frame, path, sent, version=str(held.version), now=now)
    return frame.to(f"{HERE}/articles/{id}", "draft_saved")


@router.get("/gaps")
def show_gaps(frame: Framed, cursor: str | None = None) -> Response:
    """What was asked in vain, the most asked first."""
    found = routes.list_gaps(frame.back, frame.actor, cursor=cursor, limit=PAGE)
    older = found["next_cursor"]
    return frame.page(
        "staff/gaps.html",
        items=found["items"],
        asked=datetime.fromisoformat,
        older=f"{HERE}/gaps?cursor={older}" if older else "",
    )


@router.post("/gaps/{id}/dismiss")
def dismiss(id: PathId, frame: Framed) -> Response:
    try:
        routes.dismiss_gap(id, frame.back, frame.actor, {})
    except states.IllegalStep:
        return frame.to(f"{HERE}/gaps", "gap_closed")
    return frame.to(f"{HERE}/gaps", "gap_dismissed")


@router.get("/gaps/{id}/draft")
def show_draft(id: PathId, frame: Framed) -> Response:
    question = _question(frame, id)
    own = frame.back.pack.agencies.get(frame.actor.agency_id or "")
    entry = BLANK | {"questions": question, "agency": own.name if own else ""}
    return _form(frame, f"{HERE}/gaps/{id}/draft", entry)


@router.post("/gaps/{id}/draft")
def draft(id: PathId, frame: Framed, form: forms.Posted) -> Response:
    sent = given(form, *FIELDS)
    article = _new_id(sent["service"])
    body = _body(sent) | {"id": article}
    try:
        routes.draft_from_gap(id, frame.back, frame.actor, body, Response())
    except InvalidField as error:
        return _form(frame, f"{HERE}/gaps/{id}/draft", sent, error)
    except states.IllegalStep:
        return frame.to(f"{HERE}/gaps", "gap_closed")
    return frame.to(f"{HERE}/articles/{article}", "draft_saved")


def _held(frame: Frame, id: str) -> states.Held:
    frame.actor.require(*routes.READERS)
    with frame.back.database.transaction(frame.actor.scope) as conn:
        return store.find_article(conn, id)


def _question(frame: Frame, id: UUID) -> str:
    frame.actor.require(*routes.READERS)
    with frame.back.database.transaction(frame.actor.scope) as conn:
        return gaps.find_gap(conn, id).question


def _new_id(service: str) -> str:
    """Ids are for programs: people know an article by its title."""
    return f"{service or 'article'}-{new_id().hex[-8:]}"[:80]


def _body(sent: dict[str, str]) -> dict[str, Any]:
    """The form as the interface takes it."""
    lines = [line.strip() for line in sent["questions"].splitlines()]
    optional = filled(sent, "department", "valid_from", "valid_until")
    plain = ("title", "answer", "more", "service", "audience", "language", "agency", "source")
    return {
        **{name: sent[name] for name in plain},
        **optional,
        "questions": [line for line in lines if line],
        "confirmed": sent["confirmed"] == "yes",
    }


def _fields(article: Article, pack: CityPack) -> dict[str, str]:
    content = store.content(article)
    shown = {name: str(content[name] or "") for name in FIELDS}
    return shown | {
        "questions": "\n".join(article.questions),
        "agency": pack.agencies[article.agency].name,
        "confirmed": "yes" if article.confirmed else "",
    }


def _form(
    frame: Frame,
    path: str,
    sent: dict[str, str],
    error: InvalidField | None = None,
    *,
    version: str = "",
    now: dict[str, str] | None = None,
) -> Response:
    """`now` are the words as someone else left them meanwhile."""
    changed = [name for name in FIELDS if now and now[name] != sent[name]]
    return frame.page(
        "staff/article_form.html",
        422 if error else 409 if now else 200,
        path=path,
        sent=sent,
        version=version,
        now=now or {},
        changed=changed,
        limits=LIMITS,
        faults=faults_of(error, frame.say) if error else {},
        services=_services(frame.back.pack),
        agencies=_agencies(frame),
        units=department_names(frame.actor, frame.back.pack),
    )


def _services(pack: CityPack) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for service in pack.services.values():
        groups.setdefault(service.group, []).append((service.code, service.name))
    return list(groups.items())


def _agencies(frame: Frame) -> list[tuple[str, str]]:
    own = frame.actor.agency_id
    agencies = frame.back.pack.agencies.values()
    return [(agency.name, agency.name) for agency in agencies if own in (None, agency.id)]
