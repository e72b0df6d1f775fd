"""What an API process holds for its whole life, and how a request reaches it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar, cast
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from uuid_utils.compat import uuid7

from services.access.actor import Actor, Unauthorized
from services.access.keys import KeyRing
from services.access.oidc import Oidc
from services.access.rates import Rates
from services.api import strict_json
from services.api.engine import EngineHolder
from services.api.limits import Attempts
from services.api.live import call_desk
from services.cases.clock import DueAt
from services.cases.deadline import statutory_clock
from services.cases.situation import Situation
from services.city import CityPack
from services.city import load as load_city
from services.city.articles import FOLDER
from services.database import API, AsyncDatabase, Database
from services.dialogue.desk import CallDesk
from services.errors import NotFound
from services.intake.attachments import Uploads
from services.intake.desk import IntakeDesk
from services.intake.payload import invalid_field
from services.intake.sealing import Sealer
from services.intake.storage import Storage
from services.knowledge.choice import read_choice
from services.knowledge.desk import KnowledgeDesk
from services.notices.addresses import Network
from services.settings import Access, Settings
from services.visual.store import SessionStore

Form = TypeVar("Form", bound=BaseModel)
SCHEMAS = "#/components/schemas/{model}"


@dataclass(frozen=True, slots=True)
class Backend:
    database: Database
    keys: KeyRing
    intake: IntakeDesk
    uploads: Uploads
    sealer: Sealer
    pack: CityPack
    due_at: DueAt
    access: Access
    rates: Rates
    oidc: Oidc | None
    lookups: Attempts
    """Failed attempts at lookup codes, by receipt number."""
    webhook_allow: tuple[Network, ...]
    """Networks inside that webhooks may reach."""
    engine: EngineHolder
    sessions: SessionStore
    knowledge: KnowledgeDesk
    calls: CallDesk

    def situation(self, actor: Actor) -> Situation:
        return Situation(actor, now(), self.pack, self.due_at)


def build(settings: Settings) -> Backend:
    database = Database(settings.database_url, API)
    pack = load_city(settings.city_pack)
    sealer = Sealer(settings.secret_key)
    engine = EngineHolder(settings, pack)
    choice = read_choice(settings.city_pack / FOLDER)
    knowledge = KnowledgeDesk(database, engine.shared, choice)
    return Backend(
        database=database,
        keys=KeyRing(database),
        intake=IntakeDesk(AsyncDatabase(settings.database_url, API), pack.timezone),
        uploads=Uploads(database, Storage(settings.storage)),
        sealer=sealer,
        pack=pack,
        due_at=statutory_clock(pack),
        access=settings.access,
        rates=Rates(settings.access.channel_rate, settings.access.key_rate),
        oidc=_oidc(settings.access),
        lookups=Attempts(),
        webhook_allow=settings.sending.webhook_allow,
        engine=engine,
        knowledge=knowledge,
        calls=call_desk(settings, pack, sealer, engine, knowledge, database, now, new_id),
        sessions=SessionStore(sealer),
    )


def _oidc(access: Access) -> Oidc | None:
    if not access.oidc_issuer:
        return None
    return Oidc(access.oidc_issuer, access.oidc_client_id, access.oidc_client_secret)


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> UUID:
    return uuid7()


def backend(request: Request) -> Backend:
    return cast(Backend, request.app.state.backend)


def bearer(request: Request) -> str:
    """The key a request carries; raises `Unauthorized` if there is none."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Unauthorized
    return key.strip()


def caller(request: Request) -> Actor:
    back = backend(request)
    actor = back.keys.actor(bearer(request))
    back.rates.take(actor)
    return actor


def address(request: Request) -> str:
    """Where a request comes from, for the audit log; a proxy's word counts if uvicorn trusts it."""
    return request.client.host if request.client else ""


Back = Annotated[Backend, Depends(backend)]
Address = Annotated[str, Depends(address)]
Caller = Annotated[Actor, Depends(caller)]


async def read_json(request: Request) -> Any:
    """The request's JSON, counted as it streams in; raises the errors of `strict_json`."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise strict_json.UnsupportedMediaType
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > strict_json.MAX_BODY_BYTES:
            raise strict_json.BodyTooLarge
    return strict_json.parse(bytes(body))


async def _read_optional_json(request: Request) -> Any:
    """As `read_json`, but no body at all is an empty object."""
    if request.headers.get("content-length", "0") == "0" and not request.headers.get(
        "transfer-encoding"
    ):
        return {}
    return await read_json(request)


Json = Annotated[Any, Depends(_read_optional_json)]


def validated(form: type[Form], body: Any) -> Form:
    """The body as `form`; raises `InvalidField` for the first thing that does not fit."""
    try:
        return form.model_validate(body)
    except ValidationError as error:
        raise invalid_field(error.errors(include_url=False, include_input=False)) from None


def described(*forms: type[BaseModel]) -> dict[str, Any]:
    """OpenAPI's description of a body that the route reads itself: one of `forms`."""
    refs = [{"$ref": SCHEMAS.format(model=form.__name__)} for form in forms]
    schema = refs[0] if len(refs) == 1 else {"anyOf": refs}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def path_id(id: str) -> UUID:
    """The id in a path; one that is not an id is a thing that does not exist."""
    try:
        return UUID(id)
    except ValueError:
        raise NotFound from None


PathId = Annotated[UUID, Depends(path_id)]
