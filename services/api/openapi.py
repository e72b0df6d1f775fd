"""OpenAPI's description of what FastAPI does not see: the key, and bodies that routes read."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.api.backend import SCHEMAS
from services.api.routes.cases import ORDERS
from services.api.routes.complaints import Batch
from services.api.routes.queue import Claim
from services.cases.orders import Decide
from services.intake.payload import ComplaintIn

FORMS: tuple[type[BaseModel], ...] = (ComplaintIn, Batch, Claim, Decide, *ORDERS)
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
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for path, operations in schema["paths"].items():
        if not path.startswith(OPEN_PATHS):
            for operation in operations.values():
                operation["security"] = [{"key": []}]
    return schema
