"""OpenAPI's description of what FastAPI does not see: the key, and bodies that routes read."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.api.backend import SCHEMAS
from services.api.routes.cases import ORDERS
from services.api.routes.complaints import Batch
from services.api.routes.knowledge import FORMS as KNOWLEDGE
from services.api.routes.queue import Claim
from services.api.routes.templates import Template
from services.api.routes.visual import SessionIn
from services.api.routes.webhooks import ChangedEndpoint, NewEndpoint
from services.cases.orders import Decide
from services.dialogue.turns import CallIn, EndIn, TurnIn
from services.intake.payload import ComplaintIn

FORMS: tuple[type[BaseModel], ...] = (
    *(ComplaintIn, Batch, CallIn, TurnIn, EndIn, Claim, Template, SessionIn, Decide),
    *(NewEndpoint, ChangedEndpoint),
    *ORDERS,
    *KNOWLEDGE,
)
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457; programs go by `code`, which does not change.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "pointer": {"type": "string", "description": "RFC 6901 path of the field at fault."},
    },
}
REFUSAL: dict[str, Any] = {
    "description": "Refused: 400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 500 or 503.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
OPEN_PATHS = ("/v1/track/", "/healthz", "/readyz")


def install(app: FastAPI) -> None:
    """Let `app.openapi()` give the whole description."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        return app.openapi_schema or _complete(plain())

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(schema: dict[str, Any]) -> dict[str, Any]:
    """The same description with the schemas and the key added to it."""
    _, bodies = models_json_schema([(form, "validation") for form in FORMS], ref_template=SCHEMAS)
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {}).update(bodies["$defs"])
    components["schemas"]["Problem"] = PROBLEM
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = REFUSAL
            if not path.startswith(OPEN_PATHS):
                operation["security"] = [{"key": []}]
    return schema
