"""Menus and links over the interface, and who may see a session."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.integration.api.town import Town

SESSIONS = "/v1/visual-ars/sessions"


def test_the_current_menu(town: Town) -> None:
    answer = town.get("/v1/visual-ars/menus/current", "channel")
    menu = answer.json()
    assert answer.status_code == 200
    assert menu["menu_version"] == "1"
    first = menu["tree"][0]
    assert (first["id"], first["children"][0]["action"]) == ("emergency", "emergency")
    etag = {"If-None-Match": answer.headers["etag"], **town.signed("channel")}
    assert town.client.get("/v1/visual-ars/menus/current", headers=etag).status_code == 304
    assert town.client.get("/v1/visual-ars/menus/current").status_code == 401


def test_a_link_is_kept_only_as_its_hash(town: Town) -> None:
    answer = town.post(SESSIONS, "channel", {"language": "en"})
    opened = answer.json()
    assert answer.status_code == 201
    assert opened["visual_url"] == f"/v/{opened['token']}"
    assert len(opened["token"]) == 22  # 128 bits in base64url
    left = datetime.fromisoformat(opened["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    rows = town.rows(
        "SELECT token_sha256, state->>'language', to_jsonb(v)::text"
        " FROM visual_sessions v WHERE id = %s",
        UUID(opened["id"]),
    )
    digest, language, all_of_it = rows[0]
    assert (bytes(digest), language) == (hashlib.sha256(opened["token"].encode()).digest(), "en")
    assert opened["token"] not in all_of_it


def test_only_channels_open_links(town: Town) -> None:
    assert town.post(SESSIONS, "supervisor").status_code == 403
    assert town.post(SESSIONS, "channel", {"phone": "0"}).json()["code"] == "unknown_field"
