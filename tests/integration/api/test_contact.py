"""Staff reach a citizen, and each look at personal data is in the audit log."""

from __future__ import annotations

from uuid import UUID

from tests.integration.api.town import Town, web

NOBODY = "00000000-0000-7000-8000-000000000000"
LOGGED = "SELECT actor, action, address FROM audit_log WHERE case_id = %s ORDER BY id"


def test_staff_see_how_to_reach_the_citizen_and_are_logged(town: Town) -> None:
    contact = {"name": "김민원", "phone": "010-1234-5678", "reply_by": "sms"}
    id = town.file(web(contact=contact)).json()["id"]
    town.place([id])
    shown = town.get(f"/v1/cases/{id}/contact", "북구청").json()
    assert (shown["name"], shown["email"], shown["reply_by"]) == ("김민원", None, "sms")
    assert "1234" in shown["phone"]
    for look in ("", "/events", "/similar"):
        town.get(f"/v1/cases/{id}{look}", "triage")
    logged = town.rows(LOGGED, UUID(id))
    staff, desk = (town.key(who).split("_")[1] for who in ("북구청", "triage"))
    assert logged == [
        (f"staff:{staff}", "read_contact", "testclient"),
        *(
            (f"triage:{desk}", f"read_{what}", "testclient")
            for what in ("case", "events", "similar")
        ),
    ]
    whole = town.rows("SELECT string_agg(a::text, '') FROM audit_log a")
    assert "민원" not in whole[0][0]
    assert "1234-5678" not in whole[0][0]


def test_a_case_without_contact_says_so(town: Town) -> None:
    (id,) = town.routed()
    shown = town.get(f"/v1/cases/{id}/contact", "북구청").json()
    assert set(shown) == {"name", "phone", "email", "in_text", "reply_by"}
    assert not any(shown.values())


def test_who_may_not_see_the_case_sees_no_contact_and_leaves_no_row(town: Town) -> None:
    (id,) = town.routed()
    assert town.get(f"/v1/cases/{id}/contact", "서구청").status_code == 404
    assert town.get(f"/v1/cases/{NOBODY}/contact", "북구청").status_code == 404
    assert town.get(f"/v1/cases/{id}/contact", "channel").status_code == 403
    assert town.rows(LOGGED, UUID(id)) == []


def test_what_was_filed_cannot_be_rewritten_by_the_api(town: Town) -> None:
    held = town.rows(
        "SELECT column_name::text FROM information_schema.column_privileges "
        "WHERE grantee = 'minwon_api' AND table_name = 'cases' AND privilege_type = 'UPDATE'"
    )
    writable = {row[0] for row in held}
    assert {"state", "version", "assignee", "reply"} <= writable
    assert writable.isdisjoint({"id", "text", "client", "receipt_number", "received_at"})
