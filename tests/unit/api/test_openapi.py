"""The description of the interface: whole, valid, and readable without another host."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from services.api.app import create_app
from services.settings import Settings
from tests.conftest import ARTIFACT, PACK


@pytest.fixture(scope="module")
def client() -> TestClient:
    """The application with no database behind it and its lifespan not begun."""
    nowhere = "postgresql:///minwon?host=/nonexistent"
    return TestClient(
        create_app(
            Settings(
                nowhere, "redis://", bytes(32), PACK, ARTIFACT, "", "WARNING", "file:///nowhere"
            )
        )
    )


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    result: dict[str, Any] = answer.json()
    return result


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in described["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_it_is_openapi_3_1(described: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.1\.\d+", described["openapi"])
    assert described["info"]["title"]
    assert described["info"]["version"]


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    for reference in re.findall(r'"\$ref": "([^"]+)"', json.dumps(described)):
        assert reference.startswith("#/"), reference
        place = described
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


def test_every_schema_is_json_schema(described: dict[str, Any]) -> None:
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_operation_is_named_once_and_declares_its_path(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(names) == len(set(names))
    for path, _, operation in operations(described):
        declared = {
            parameter["name"]
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "path"
        }
        assert declared == set(re.findall(r"\{(\w+)\}", path)), path
        assert operation["responses"]
        assert operation["summary"]


def test_every_body_is_described(described: dict[str, Any]) -> None:
    for path, method, operation in operations(described):
        if method == "post":
            assert all(kind["schema"] for kind in operation["requestBody"]["content"].values()), (
                path
            )


def test_the_paths_of_the_interface_are_there(described: dict[str, Any]) -> None:
    assert {
        "/v1/complaints",
        "/v1/complaints:batch",
        "/v1/complaints/{id}",
        "/v1/queue",
        "/v1/queue:claim",
        "/v1/cases/{id}",
        "/v1/cases/{id}/events",
        "/v1/cases/{id}/similar",
        "/v1/cases/{id}/{action}",
        "/v1/review",
        "/v1/review/{id}/decide",
        "/v1/metrics/summary",
        "/v1/track/{receipt_number}",
    } <= described["paths"].keys()


def test_a_key_is_asked_for_everywhere_but_where_citizens_look(described: dict[str, Any]) -> None:
    keyless = {path for path, _, operation in operations(described) if "security" not in operation}
    assert keyless == {"/v1/track/{receipt_number}", "/healthz", "/readyz"}
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_the_docs_need_no_other_host(client: TestClient) -> None:
    for page in ("/docs", "/redoc"):
        text = client.get(page).text
        assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//[^"']+""", text), page
        for asset in re.findall(r"""(?:src|href)=["'](/[^"']+)""", text):
            assert client.get(asset).status_code == 200, asset
