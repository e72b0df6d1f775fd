"""Agencies' own systems: signed, walled off, rotated, switched off, redelivered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import WebhookVerificationError

from services.notices.posting import Poster
from tests.integration.notices.conftest import LOOPBACK, Post


def endpoint(post: Post, who: str = "북구청", **order: Any) -> dict[str, Any]:
    answer = post.town.post("/v1/webhooks", who, {"url": post.sms.url, **order})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def deliveries(post: Post, hook: dict[str, Any], who: str = "북구청") -> list[dict[str, Any]]:
    found = post.town.get(f"/v1/webhooks/{hook['id']}/deliveries", who).json()
    return list(found["items"])


def test_an_agency_hears_of_its_cases_by_signed_messages(post: Post) -> None:
    hook = endpoint(post)
    id = post.routed()
    post.desk.drain()
    (request,) = post.sms.posts
    message = request.verified(hook["secret"])
    assert message["type"] == "case.routed"
    assert message["data"]["case_id"] == id
    assert message["data"]["state"] == "routed"
    assert message["data"]["links"]["case"] == f"https://minwon.example/v1/cases/{id}"
    assert "가로등" not in request.body
    with pytest.raises(WebhookVerificationError):
        request.verified(endpoint(post, "서구청")["secret"])
    post.resolve(id)
    post.desk.drain()
    post.desk.sweep()
    post.desk.drain()
    assert [request.verified(hook["secret"])["type"] for request in post.sms.posts] == [
        "case.routed",
        "case.closed",
    ]
    assert [item["outcome"] for item in deliveries(post, hook)] == ["delivered"] * 2


def test_the_agency_that_loses_a_case_and_the_one_that_gets_it_both_hear(post: Post) -> None:
    losing, getting = endpoint(post), endpoint(post, "서구청")
    id = post.routed()
    post.town.act(id, "reroute", "북구청", 2, reason="소관 아님")
    decided = post.town.post(
        f"/v1/review/{id}/decide", "triage", {"service": "streetlight", "agency": "서구청"}
    )
    assert decided.status_code == 200, decided.text
    post.desk.drain()
    heard: dict[str, list[str]] = {losing["secret"]: [], getting["secret"]: []}
    for request in post.sms.posts:
        for secret, types in heard.items():
            try:
                types.append(request.verified(secret)["type"])
            except WebhookVerificationError:
                continue
    assert sorted(heard[losing["secret"]]) == ["case.rerouted", "case.routed"]
    assert heard[getting["secret"]] == ["case.routed"]


def test_endpoints_are_walled_off(post: Post) -> None:
    hook = endpoint(post)
    assert "secret" not in post.town.get(f"/v1/webhooks/{hook['id']}", "북구청").json()
    for path in ("", "/deliveries"):
        assert post.town.get(f"/v1/webhooks/{hook['id']}{path}", "서구청").status_code == 404
    for path in ("/rotate", "/test"):
        answer = post.town.post(f"/v1/webhooks/{hook['id']}{path}", "서구청")
        assert answer.status_code == 404
    assert post.town.get("/v1/webhooks", "서구청").json()["items"] == []
    assert len(post.town.get("/v1/webhooks", "admin").json()["items"]) == 1
    for who in ("channel", "triage", "supervisor"):
        assert post.town.get("/v1/webhooks", who).status_code == 403
    post.town.make_key("one unit", role="staff", agency_id="bukgu", departments=["시설지원과"])
    assert post.town.get("/v1/webhooks", "one unit").status_code == 403
    other = post.town.post("/v1/webhooks", "북구청", {"url": post.sms.url, "agency": "서구청"})
    assert other.status_code == 403


def test_both_secrets_sign_while_a_rotation_lasts(post: Post) -> None:
    hook = endpoint(post)
    rotated = post.town.post(f"/v1/webhooks/{hook['id']}/rotate", "북구청").json()
    assert rotated["secret"] != hook["secret"]
    post.town.post(f"/v1/webhooks/{hook['id']}/test", "북구청")
    post.desk.drain()
    for secret in (hook["secret"], rotated["secret"]):
        assert post.sms.posts[0].verified(secret)["type"] == "ping"
    post.run_sql("UPDATE webhook_endpoints SET old_secret_until = now()")
    post.town.post(f"/v1/webhooks/{hook['id']}/test", "북구청")
    post.desk.drain()
    assert post.sms.posts[1].verified(rotated["secret"])
    with pytest.raises(WebhookVerificationError):
        post.sms.posts[1].verified(hook["secret"])
    stored = post.town.rows("SELECT sealed_secret FROM webhook_endpoints")[0][0]
    assert rotated["secret"].encode() not in bytes(stored)


@pytest.mark.parametrize(
    ("status", "error"), [(302, "redirect_refused"), (404, "refused"), (500, "refused")]
)
def test_only_success_is_success_and_redirects_are_not_followed(
    post: Post, status: int, error: str
) -> None:
    hook = endpoint(post)
    post.sms.answers[:] = [status]
    post.routed()
    post.desk.drain()
    (attempt,) = deliveries(post, hook)
    assert (attempt["outcome"], attempt["status"], attempt["error"]) == ("waiting", status, error)
    assert post.sms.others == 0


def test_a_receiver_that_does_not_answer_runs_into_the_deadline(post: Post) -> None:
    hook = endpoint(post)
    poster = Poster((LOOPBACK,), deadline=0.3)
    desk = replace(post.desk, senders=replace(post.desk.senders, poster=poster))
    post.sms.stall.set()
    try:
        post.routed()
        desk.drain()
    finally:
        post.sms.stall.clear()
        post.sms.let_go.set()
    (attempt,) = deliveries(post, hook)
    assert (attempt["outcome"], attempt["error"]) == ("waiting", "timeout")
    assert 300 <= attempt["duration_ms"] < 5_000


def test_addresses_inside_are_refused_unless_allowed(post: Post) -> None:
    hook = endpoint(post, url=post.sms.url.replace("127.0.0.1", "localhost"))
    closed = replace(post.desk.senders, poster=Poster(()))
    post.routed()
    replace(post.desk, senders=closed).drain()
    (attempt,) = deliveries(post, hook)
    assert (attempt["outcome"], attempt["error"]) == ("dead", "address_refused")
    assert post.sms.posts == []
    for url in ("https://10.0.0.1/x", "https://[::ffff:10.0.0.1]/x", "https://169.254.169.254/"):
        answer = post.town.post("/v1/webhooks", "북구청", {"url": url})
        assert (answer.status_code, answer.json()["code"]) == (422, "address_refused")
    for url in ("ftp://example.org/", "https://user@example.org/", "https:///x", "not a url"):
        answer = post.town.post("/v1/webhooks", "북구청", {"url": url})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_field")


def test_an_endpoint_that_fails_for_days_or_is_gone_is_switched_off_visibly(post: Post) -> None:
    for answer, days in [(500, 6), (410, 0)]:
        hook = endpoint(post)
        post.run_sql(
            "UPDATE webhook_endpoints SET failing_since = now() - make_interval(days => %s)", days
        )
        post.sms.answers[:] = [answer]
        post.routed()
        post.desk.drain()
        shown = post.town.get(f"/v1/webhooks/{hook['id']}", "북구청").json()
        assert shown["state"] == "failed"
        missed = post.routed()
        post.desk.drain()
        assert post.notices(missed)[0][2:] == ("unsent", 1, "endpoint_disabled")
        post.sms.answers[:] = [204]
        path = f"/v1/webhooks/{hook['id']}"
        changed = post.town.client.patch(
            path, headers=post.town.signed("북구청"), json={"enabled": True}
        )
        assert (changed.json()["state"], changed.json()["failing_since"]) == ("enabled", None)
        (message,) = post.town.rows("SELECT id FROM notices WHERE case_id = %s", UUID(missed))
        again = post.town.post(f"{path}/deliveries/{message[0]}/redeliver", "북구청")
        assert again.status_code == 202
        post.desk.drain()
        assert post.notices(missed)[0][2] == "delivered"
        assert post.sms.posts[-1].id == str(message[0])
        removed = post.town.client.delete(path, headers=post.town.signed("북구청"))
        assert removed.status_code == 204


def test_messages_for_a_removed_endpoint_stay_unsent(post: Post) -> None:
    hook = endpoint(post)
    id = post.routed()
    post.desk._plan_some()
    post.town.client.delete(f"/v1/webhooks/{hook['id']}", headers=post.town.signed("북구청"))
    post.desk.drain()
    assert post.notices(id)[0][2:] == ("unsent", 1, "endpoint_removed")
