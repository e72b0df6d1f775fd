"""What every page has: its headers, language, addresses, refusals."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI

from services.web import assets
from services.web.headers import POLICY
from services.web.language import preferred
from tests.integration.api.town import Town

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9", "Accept-Language": "ko-KR,ko;q=0.9"}


def test_a_page_that_is_not_there_is_told_as_its_reader_asks(site: Town) -> None:
    page = site.client.get("/nowhere", headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "페이지를 찾을 수 없습니다" in page.text
    problem = site.client.get("/nowhere")
    assert problem.headers["content-type"] == "application/problem+json"
    for_programs = site.client.get("/v1/nowhere", headers=BROWSER)
    assert for_programs.json()["code"] == "not_found"


def test_a_page_allows_nothing_from_elsewhere_and_is_not_kept(site: Town) -> None:
    headers = site.client.get("/nowhere", headers=BROWSER).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"


def test_files_are_kept_for_ever_under_the_address_of_their_content(site: Town) -> None:
    page = site.client.get("/nowhere", headers=BROWSER).text
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(addresses) >= 4
    for address in addresses:
        file = site.client.get(address)
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]
    old = site.client.get("/static/000000000000/tokens.css")
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")
    for name in ("../app.py", "..%2fapp.py", "nothing.css"):
        assert site.client.get(f"/static/{assets.VERSION}/{name}").status_code == 404


def test_a_language_is_asked_for_and_remembered(site: Town) -> None:
    english = site.client.get("/nowhere?lang=en", headers=BROWSER)
    assert '<html lang="en">' in english.text
    assert '<html lang="en">' in site.client.get("/nowhere", headers=BROWSER).text
    site.client.cookies.clear()
    assert '<html lang="ko">' in site.client.get("/nowhere", headers=BROWSER).text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "ko"),
        ("en-US,en;q=0.9,ko;q=0.8", "en"),
        ("fr,ko;q=0.2,en;q=0.3", "en"),
        ("de, en;q=nonsense", "ko"),
        ("EN", "en"),
        ("*", "ko"),
    ],
)
def test_the_reader_s_browser_says_which_language(header: str, language: str) -> None:
    assert preferred(header) == language


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "http://testserver"}, True),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
        ({}, True),
    ],
)
def test_forms_of_other_sites_are_refused(site: Town, headers: dict[str, str], taken: bool) -> None:
    answer = site.client.post("/nowhere", headers={**BROWSER, **headers})
    assert answer.status_code == (404 if taken else 403)
    if not taken:
        assert "text/html" in answer.headers["content-type"]


def test_a_key_needs_no_origin(site: Town) -> None:
    headers = {"Origin": "https://elsewhere.example"}
    assert site.client.post("/v1/queue:claim", headers=headers, json={}).status_code == 401


def test_even_what_nobody_foresaw_is_protected(site: Town) -> None:
    app = site.client.app
    assert isinstance(app, FastAPI)

    def fail() -> None:
        raise RuntimeError

    app.add_api_route("/v1/fail", fail)
    app.add_api_route("/fail", fail)
    for path, policy in (
        ("/v1/fail", "default-src 'none'; frame-ancestors 'none'"),
        ("/fail", POLICY),
    ):
        answer = site.client.get(path, headers=BROWSER)
        assert answer.status_code == 500
        assert answer.headers["content-security-policy"] == policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "unsafe-inline" not in policy
