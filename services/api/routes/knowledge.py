"""Approved answers: staff write them, someone else approves them; and what was asked in vain."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import AfterValidator, Field
from starlette.responses import Response

from services.access.actor import Actor
from services.api import cursors
from services.api.backend import Back, Backend, Caller, Json, PathId, described, now, validated
from services.api.routes.cases import IfMatch, PreconditionRequired, etag, matches
from services.api.routes.queue import Limit
from services.cases.orders import Name, Nothing, Order, Words
from services.city.articles import ID, Article
from services.city.pack import CityPack
from services.errors import InvalidField, NotFound
from services.intake.normalise import normalise
from services.knowledge import gaps, states, store
from services.knowledge.states import By, Held

router = APIRouter(tags=["knowledge"])

READERS = ("staff", "triage", "supervisor")
ACTIONS = ("submit", "approve", "return", "retire")
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(normalise)]


class ArticleIn(Order):
    """The words of an article; `agency` by its name, days inclusive."""

    title: Line
    questions: Annotated[list[Line], Field(min_length=1, max_length=50)]
    answer: Line
    more: Annotated[str, Field(max_length=5_000), AfterValidator(normalise)] = ""
    service: Name
    audience: Literal["everyone", "business", "foreigner"] = "everyone"
    language: Literal["ko", "en"] = "ko"
    agency: Name
    department: Name | None = None
    valid_from: Annotated[date | None, Field(strict=False)] = None
    valid_until: Annotated[date | None, Field(strict=False)] = None
    confirmed: bool = False
    source: Line


class NewArticle(ArticleIn):
    id: Annotated[str, Field(max_length=80, pattern=f"^{ID.pattern}$")]


class FromGap(NewArticle):
    """A draft made of a gap; its question becomes an example."""

    questions: Annotated[list[Line], Field(max_length=50)] = Field(default_factory=list)


class Returned(Order):
    reason: Words


FORMS = (ArticleIn, NewArticle, FromGap, Returned)


@router.get("/v1/knowledge", summary="A page of articles, by id")
def list_articles(
    back: Back,
    actor: Caller,
    q: Annotated[str | None, Query(max_length=200)] = None,
    state: Literal["draft", "in_review", "approved", "retired"] | None = None,
    agency: str | None = None,
    cursor: Annotated[str | None, Query(max_length=80)] = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """All agencies' articles may be read; `q` looks for words in them."""
    actor.require(*READERS)
    owner = _agency(back.pack, agency) if agency else None
    with back.database.transaction(actor.scope) as conn:
        page = store.list_articles(
            conn, words=q or None, state=state, agency_id=owner, after=cursor, limit=limit
        )
    return {
        "items": [_shown(held, back.pack) for held in page],
        "next_cursor": page[-1].article.id if len(page) == limit else None,
    }


@router.get("/v1/knowledge:search", summary="What a caller with this question would hear")
def search(
    back: Back, actor: Caller, q: Annotated[str, Query(min_length=1, max_length=1_000)]
) -> dict[str, Any]:
    """The five likeliest articles of today with their probabilities; `said` if sure enough."""
    actor.require(*READERS)
    found = back.knowledge.rank(normalise(q), _today(back))
    threshold = back.knowledge.choice.threshold
    return {
        "items": [
            {
                "id": article.id,
                "title": article.title,
                "answer": article.answer,
                "confidence": round(confidence, 4),
                "said": number == 0 and confidence >= threshold,
            }
            for number, (article, confidence) in enumerate(found)
        ],
        "next_cursor": None,
    }


@router.get("/v1/knowledge/gaps", summary="What was asked in vain, the most asked first")
def list_gaps(
    back: Back,
    actor: Caller,
    state: Literal["open", "dismissed", "drafted"] = "open",
    cursor: str | None = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    actor.require(*READERS)
    after = cursors.decode_id(cursor)
    with back.database.transaction(actor.scope) as conn:
        last = gaps.find_gap(conn, after) if after else None
        page = gaps.list_gaps(conn, state, last, limit)
    return {
        "items": [_gap(gap) for gap in page],
        "next_cursor": page[-1].id.hex if len(page) == limit else None,
    }


@router.post(
    "/v1/knowledge/gaps/{id}/dismiss",
    summary="This needs no article",
    openapi_extra=described(Nothing),
)
def dismiss_gap(id: PathId, back: Back, actor: Caller, body: Json) -> dict[str, Any]:
    actor.require(*READERS)
    validated(Nothing, body)
    with back.database.transaction(actor.scope) as conn:
        gaps.find_gap(conn, id)
        if not gaps.close_gap(conn, id, "dismissed", actor.name, None):
            raise states.IllegalStep
        return _gap(gaps.find_gap(conn, id))


@router.post(
    "/v1/knowledge/gaps/{id}/draft",
    status_code=201,
    summary="Write an article for it",
    openapi_extra=described(FromGap),
)
def draft_from_gap(
    id: PathId, back: Back, actor: Caller, body: Json, response: Response
) -> dict[str, Any]:
    actor.require(*READERS)
    order = validated(FromGap, body)
    with back.database.transaction(actor.scope) as conn:
        gap = gaps.find_gap(conn, id)
        questions = tuple(dict.fromkeys((gap.question, *order.questions)))
        article = _article(order, order.id, actor, back.pack, questions)
        step = states.created(article, _by(actor), now())
        store.add_article(conn, step)
        if not gaps.close_gap(conn, id, "drafted", actor.name, article.id):
            raise states.IllegalStep
    response.headers["ETag"] = etag(step.held.version)
    return _shown(step.held, back.pack)


@router.post(
    "/v1/knowledge", status_code=201, summary="A new draft", openapi_extra=described(NewArticle)
)
def create(back: Back, actor: Caller, body: Json, response: Response) -> dict[str, Any]:
    actor.require(*READERS)
    order = validated(NewArticle, body)
    article = _article(order, order.id, actor, back.pack, tuple(order.questions))
    step = states.created(article, _by(actor), now())
    with back.database.transaction(actor.scope) as conn:
        store.add_article(conn, step)
    response.headers["ETag"] = etag(step.held.version)
    return _shown(step.held, back.pack)


@router.get("/v1/knowledge/{id}", summary="An article as it stands, with its ETag")
def show(id: str, back: Back, actor: Caller, response: Response) -> dict[str, Any]:
    actor.require(*READERS)
    with back.database.transaction(actor.scope) as conn:
        held = store.find_article(conn, id)
    response.headers["ETag"] = etag(held.version)
    return _shown(held, back.pack)


@router.get("/v1/knowledge/{id}/versions", summary="Who changed what, oldest first")
def list_versions(id: str, back: Back, actor: Caller) -> dict[str, Any]:
    actor.require(*READERS)
    with back.database.transaction(actor.scope) as conn:
        store.find_article(conn, id)
        versions = store.list_versions(conn, id)
    return {"items": [_version(version) for version in versions], "next_cursor": None}


@router.put(
    "/v1/knowledge/{id}", summary="New words, as a draft", openapi_extra=described(ArticleIn)
)
def edit(
    id: str, back: Back, actor: Caller, body: Json, response: Response, if_match: IfMatch = None
) -> dict[str, Any]:
    """What is read out stays as it is until the draft is approved."""
    actor.require(*READERS)
    order = validated(ArticleIn, body)
    with back.database.transaction(actor.scope) as conn:
        held = _own(store.find_article(conn, id), actor, if_match)
        article = _article(order, id, actor, back.pack, tuple(order.questions))
        step = states.edited(held, article, _by(actor), now())
        store.save_step(conn, step)
    response.headers["ETag"] = etag(step.held.version)
    return _shown(step.held, back.pack)


@router.post(
    "/v1/knowledge/{id}/{action}",
    summary="Submit, approve, return or retire",
    openapi_extra=described(Nothing, Returned),
)
def act(
    id: str,
    action: str,
    back: Back,
    actor: Caller,
    body: Json,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """`return` takes a `reason`. Whoever wrote an article does not approve it."""
    if action not in ACTIONS:
        raise NotFound
    actor.require(*(READERS if action == "submit" else ("triage", "supervisor")))
    order = validated(Returned if action == "return" else Nothing, body)
    reason = order.reason if isinstance(order, Returned) else None
    with back.database.transaction(actor.scope) as conn:
        held = _own(store.find_article(conn, id), actor, if_match)
        step = states.moved(held, action, _by(actor), now(), reason)
        store.save_step(conn, step)
    response.headers["ETag"] = etag(step.held.version)
    return _shown(step.held, back.pack)


def _own(held: Held, actor: Actor, if_match: str | None) -> Held:
    """The article, if the caller read it as it stands and may write it."""
    if if_match is None:
        raise PreconditionRequired
    if actor.agency_id not in (None, held.article.agency):
        raise NotFound
    if not matches(if_match, held.version):
        raise store.StaleArticle
    return held


def _by(actor: Actor) -> By:
    return By(actor.name, actor.is_person)


def _today(back: Backend) -> date:
    return now().astimezone(ZoneInfo(back.pack.timezone)).date()


def _agency(pack: CityPack, name: str) -> str:
    agency = pack.agency_named(name)
    if agency is None:
        raise InvalidField("There is no such agency.", pointer="/agency")
    return agency.id


def _article(
    order: ArticleIn, id: str, actor: Actor, pack: CityPack, questions: tuple[str, ...]
) -> Article:
    """The article of an order; raises `InvalidField` for what the city does not have."""
    agency = _agency(pack, order.agency)
    if actor.agency_id not in (None, agency):
        raise InvalidField("An article belongs to your own agency.", pointer="/agency")
    if order.service not in pack.services:
        raise InvalidField("There is no such service.", pointer="/service")
    units = {unit.name for unit in pack.departments.get(agency, ())}
    if order.department is not None and order.department not in units:
        raise InvalidField("The agency has no such department.", pointer="/department")
    if order.valid_from and order.valid_until and order.valid_until < order.valid_from:
        raise InvalidField("It ends before it begins.", pointer="/valid_until")
    fields = order.model_dump(exclude={"id", "agency", "questions"})
    return Article(id=id, agency=agency, questions=questions, **fields)


def _shown(held: Held, pack: CityPack) -> dict[str, Any]:
    row = store.content(held.article) | {"agency": pack.agencies[held.article.agency].name}
    return row | {
        "state": held.state,
        "version": held.version,
        "live_version": held.live_version,
        "updated_at": _time(held.updated_at),
    }


def _version(version: store.Version) -> dict[str, Any]:
    return {
        "version": version.version,
        "at": _time(version.at),
        "actor": version.actor,
        "action": version.action,
        "state": version.state,
        "reason": version.reason,
        "content": version.content,
    }


def _gap(gap: gaps.Gap) -> dict[str, Any]:
    return {
        "id": str(gap.id),
        "question": gap.question,
        "nearest": gap.nearest,
        "confidence": round(gap.confidence, 4),
        "asked": gap.asked,
        "state": gap.state,
        "article": gap.article_id,
        "first_at": _time(gap.first_at),
        "last_at": _time(gap.last_at),
    }


def _time(at: datetime) -> str:
    return at.isoformat()
