"""What citizens are told, over real SMTP and a real webhook, once, and what becomes of the rest."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from services.access.staff import NewPerson
from services.access.staff import add as add_person
from services.cases.sweeping import close_answered
from services.city import CityPack
from services.notices.desk import NoticeDesk
from services.notices.notice import MAX_ATTEMPTS, Sent
from tests.integration.notices.conftest import SMS_SECRET, Post


def test_a_receipt_comes_by_mail_once(post: Post) -> None:
    id = post.routed("email")
    post.desk.drain()
    post.desk.drain()
    assert post.notices(id) == [("receipt", "email", "delivered", 1, None)]
    (mail,) = post.mailbox.mails
    number = post.town.rows("SELECT receipt_number FROM cases WHERE id = %s", UUID(id))[0][0]
    body = mail.get_content()
    assert (mail["To"], mail["From"]) == ("citizen@example.org", "minwon@city.example")
    assert number in str(mail["Subject"])
    assert "북구청 시설지원과" in body
    assert "2026. 8. 3. 09:00" in body
    assert "인공지능" in body
    assert "https://minwon.example/track" in body
    assert "가로등이 고장 났어요" not in body
    (told,) = post.town.rows("SELECT id FROM notices WHERE case_id = %s", UUID(id))
    assert mail["Message-ID"] == f"<{told[0]}@city.example>"


def test_a_result_closes_its_case(post: Post) -> None:
    id = post.routed("email")
    post.resolve(id)
    post.desk.drain()
    assert post.town.state(id)[0] == "closed"
    bodies = [mail.get_content() for mail in post.mailbox.mails]  # in whatever order they came
    (result,) = [body for body in bodies if "처리 결과: 수용" in body]
    assert "가로등을 고쳤습니다." in result
    events = post.town.rows("SELECT actor, action FROM case_events WHERE case_id = %s", UUID(id))
    assert ("system", "finish") in events


def test_an_sms_is_a_signed_webhook_without_the_text(post: Post) -> None:
    id = post.routed("sms")
    post.desk.drain()
    (request,) = post.sms.posts
    message = request.verified(SMS_SECRET)
    assert (message["type"], message["data"]["to"]) == ("sms.send", "+821012345678")
    assert "북구청" in message["data"]["text"]
    assert "\n" not in message["data"]["text"]
    assert "고장" not in message["data"]["text"]
    assert post.notices(id)[0][2] == "delivered"


def test_failures_are_tried_again_under_the_same_id(post: Post) -> None:
    id = post.routed("sms")
    post.sms.answers[:] = [500, 503, 204]
    for attempts, state in [(1, "waiting"), (2, "waiting"), (3, "delivered")]:
        post.desk.drain()
        post.desk.drain()  # before its time nothing is sent
        assert post.notices(id)[0][2:4] == (state, attempts)
        post.make_due()
    assert len({request.id for request in post.sms.posts}) == 1
    assert len(post.sms.posts) == 3


def test_what_fails_ten_times_is_dead_visible_and_can_be_retried(post: Post) -> None:
    id = post.routed("sms")
    post.sms.answers[:] = [500]
    for _ in range(MAX_ATTEMPTS + 2):
        post.desk.drain()
        post.make_due()
    assert post.notices(id) == [("receipt", "sms", "dead", MAX_ATTEMPTS, "refused")]
    found = post.town.get("/v1/notices", "supervisor", state="dead").json()["items"]
    (dead,) = [notice for notice in found if notice["case_id"] == id]
    assert 'minwon_notices{state="dead"} 1.0' in post.town.client.get("/metrics").text
    post.sms.answers[:] = [200]
    retried = post.town.post(f"/v1/notices/{dead['id']}/retry", "북구청")
    assert (retried.status_code, retried.json()["state"]) == (200, "waiting")
    post.desk.drain()
    assert post.notices(id)[0][2] == "delivered"
    assert len({request.id for request in post.sms.posts}) == 1
    assert post.town.post(f"/v1/notices/{dead['id']}/retry", "북구청").status_code == 409
    assert post.town.post(f"/v1/notices/{dead['id']}/retry", "서구청").status_code == 404


@pytest.mark.parametrize(
    ("reply", "state", "error"),
    [
        ("550 no such mailbox", "dead", "recipient_refused"),
        ("451 greylisted", "waiting", "recipient_refused"),
    ],
)
def test_a_mail_servers_last_word_is_told_from_a_delay(
    post: Post, reply: str, state: str, error: str
) -> None:
    id = post.routed("email")
    post.mailbox.refusals.append(reply)
    post.desk.drain()
    assert post.notices(id)[0][2:] == (state, 1, error)


def test_a_worker_that_dies_after_sending_sends_again_under_the_same_id(post: Post) -> None:
    id = post.routed("email")

    class Dying(NoticeDesk):
        def _settle(self, *_: object) -> None:
            raise SystemExit

    with pytest.raises(SystemExit):
        Dying(post.desk.database, post.desk.senders, post.desk.due_at).drain()
    post.desk.drain()
    assert len(post.mailbox.mails) == 1  # the lease still holds
    post.run_sql("UPDATE notices SET lease_until = now() - interval '1 second'")
    post.desk.drain()
    first, second = (mail["Message-ID"] for mail in post.mailbox.mails)
    assert first == second
    assert post.notices(id) == [("receipt", "email", "delivered", 2, None)]


def test_a_worker_that_sleeps_past_its_lease_marks_nothing(post: Post) -> None:
    id = post.routed("email")
    post.desk._plan_some()
    (slow,) = post.desk._claim()
    post.run_sql("UPDATE notices SET lease_until = now() - interval '1 second'")
    post.desk.drain()
    post.desk._settle(slow, Sent("dead", "late"), 1)
    assert post.notices(id) == [("receipt", "email", "delivered", 2, None)]


def test_who_wants_a_call_gets_one_from_a_person(post: Post) -> None:
    id = post.routed("phone")
    post.resolve(id)
    post.desk.drain()
    assert post.notices(id) == [("result", "phone", "task", 0, None)]
    actions = post.town.rows("SELECT action FROM case_events WHERE case_id = %s", UUID(id))
    assert ("telephone",) in actions
    (call,) = post.town.get("/v1/notices", "북구청", state="task", case_id=id).json()["items"]
    done = post.town.post(f"/v1/notices/{call['id']}/done", "북구청")
    assert (done.status_code, done.json()["state"]) == (200, "delivered")
    assert post.town.state(id)[0] == "closed"
    assert post.town.post(f"/v1/notices/{call['id']}/done", "북구청").status_code == 409


def test_who_wants_no_notice_has_the_page_and_the_case_closes(post: Post) -> None:
    for reply_by in ("none", None):
        id = post.routed(reply_by)
        post.resolve(id)
        post.desk.drain()
        post.desk.sweep()
        assert post.notices(id) == [("result", "page", "delivered", 0, None)]
        assert post.town.state(id)[0] == "closed"


def test_without_a_sender_a_result_waits_visibly_and_the_case_closes(
    post: Post, pack: CityPack
) -> None:
    bare = replace(post.desk, senders=replace(post.desk.senders, mail=None))
    id = post.routed("email")
    post.resolve(id)
    bare.drain()
    assert [row[2:] for row in post.notices(id)] == [("unsent", 1, "no_sender")] * 2
    bare.sweep()
    assert post.town.state(id)[0] == "resolved"
    post.run_sql(
        "UPDATE cases SET resolved_at = resolved_at - interval '60 days' WHERE id = %s", UUID(id)
    )
    close_answered(bare.database, pack, bare.due_at)
    assert post.town.state(id)[0] == "closed"


def test_a_hostile_address_writes_no_header(post: Post) -> None:
    id = post.routed(None)
    sealed = post.desk.senders.sealer.seal({"email": "a@example.org\r\nBcc: all@example.org"})
    post.run_sql(
        "INSERT INTO contacts (case_id, sealed, reply_by, created_at)"
        " VALUES (%s, %s, 'email', now())",
        UUID(id),
        sealed,
    )
    post.desk.drain()
    assert post.notices(id)[0][2:] == ("unsent", 1, "address_not_valid")
    assert post.mailbox.mails == []


def test_a_poison_event_is_given_up_for_an_hour_and_the_rest_flows(post: Post) -> None:
    bad, good = post.file("email"), post.file("email")
    post.run_sql(
        "CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NEW.case_id = '{bad}' THEN RAISE 'poison'; END IF; RETURN NEW; END $$"
    )
    post.run_sql(
        "CREATE TRIGGER refuse_one BEFORE INSERT ON notices"
        " FOR EACH ROW EXECUTE FUNCTION refuse_one()"
    )
    post.town.place([bad, good])
    for _ in range(8):
        post.desk.drain()
        post.run_sql("UPDATE outbox SET run_at = now() WHERE topic = 'notice'")
    post.desk.sweep()
    assert post.notices(good)[0][2] == "delivered"
    dead = post.town.rows("SELECT case_id, last_error FROM outbox WHERE dead_at IS NOT NULL")
    assert dead == [(UUID(bad), "RaiseException")]
    post.run_sql("DROP TRIGGER refuse_one ON notices")
    post.desk.sweep()
    post.desk.drain()
    assert post.notices(bad) == []
    post.run_sql("UPDATE outbox SET dead_at = dead_at - interval '2 hours'")
    post.desk.sweep()
    post.desk.drain()
    assert post.notices(bad)[0][2] == "delivered"


def test_staff_hear_of_what_is_late_by_mail(post: Post) -> None:
    manager = NewPerson(
        username="manager",
        display_name="담당 과장",
        role="staff",
        email="manager@office.example",
        agency_id="bukgu",
        is_manager=True,
    )
    with psycopg.connect(post.town.settings.database_url) as conn:
        add_person(conn, uuid7(), manager)
    id = post.routed()
    for action in ("due_soon", "overdue"):
        post.run_sql(
            "INSERT INTO case_events (case_id, at, actor, action, from_state, to_state)"
            " VALUES (%s, now(), 'system', %s, 'routed', 'routed')",
            UUID(id),
            action,
        )
    post.desk.drain()
    told = {(row[0], row[2]) for row in post.notices(id)}
    assert told == {("due_soon", "delivered"), ("overdue", "delivered")}
    assert {mail["To"] for mail in post.mailbox.mails} == {"manager@office.example"}
