"""Complaints from filing to their end: staff, mail, an agency's system, the citizen's page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.integration.notices.receivers import Mailbox, Receiver
from tests.running import Running, eventually, post

LAMP = "북구 용봉동 전남대 정문 앞 가로등이 꺼져서 밤에 너무 어두워요. 고쳐 주세요."
AGENCY = "북구청"
HANDLER = "bukgu.handler"
WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Desk:
    """A citizen with an e-mail address, the agency's staff, and the review desk behind them."""

    stack: Running
    mailbox: Mailbox
    channel: httpx.Client
    staff: httpx.Client
    triage: httpx.Client

    def file(self) -> dict[str, Any]:
        """A complaint in the agency's queue, whoever had to decide."""
        contact = {"email": "citizen@example.org", "reply_by": "email"}
        receipt = post(self.channel, {"channel": "web", "web": {"body": LAMP}, "contact": contact})
        link = receipt["links"]["self"]
        eventually(lambda: self.channel.get(link).json()["status"] != "received", WITHIN)
        shown = self.channel.get(link).json()
        if (shown["status"], shown["agency"]) != ("routed", AGENCY):
            order = {"service": "streetlight", "agency": AGENCY}
            self.triage.post(f"/v1/review/{receipt['id']}/decide", json=order).raise_for_status()
        return receipt

    def act(self, receipt: dict[str, Any], *steps: tuple[str, dict[str, Any]]) -> None:
        path = f"/v1/cases/{receipt['id']}"
        for action, order in steps:
            tag = self.staff.get(path).headers["ETag"]
            answer = self.staff.post(f"{path}/{action}", json=order, headers={"If-Match": tag})
            assert answer.status_code == 200, (action, answer.text)

    def answer(self, receipt: dict[str, Any], **reply: str) -> None:
        """From the queue to the result, which leaves as a notice and closes the case."""
        self.act(receipt, ("assign", {"assignee": HANDLER}), ("start", {}))
        self.act(receipt, ("submit", reply), ("approve", {}))

    def tracked(self, receipt: dict[str, Any]) -> dict[str, Any]:
        code = {"code": receipt["lookup_code"]}
        answer: dict[str, Any] = self.channel.get(receipt["links"]["track"], params=code).json()
        return answer

    def closed(self, receipt: dict[str, Any]) -> None:
        eventually(lambda: bool(self.tracked(receipt)["status"] == "closed"), WITHIN)

    def mails(self, receipt: dict[str, Any]) -> list[str]:
        number = receipt["receipt_number"]
        return [str(mail.get_content()) for mail in self.mailbox.mails if number in mail["Subject"]]

    def mailed(self, receipt: dict[str, Any], *words: str) -> None:
        """Until one mail has all the words: mails overtake each other when one is tried again."""
        eventually(
            lambda: any(all(word in mail for word in words) for mail in self.mails(receipt)),
            WITHIN,
        )

    def page(self, receipt: dict[str, Any], deed: str, **fields: str) -> None:
        """What the citizen does on the tracking page."""
        form = {"number": receipt["receipt_number"], "code": receipt["lookup_code"], **fields}
        answer = httpx.post(
            f"{self.stack.url}/track/{deed}", data=form, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert answer.status_code in (200, 303), answer.text


@pytest.fixture(scope="module")
def desk(stack: Running, mailbox: Mailbox) -> Iterator[Desk]:
    with (
        stack.client("channel") as channel,
        stack.client("staff", AGENCY) as staff,
        stack.client("triage") as triage,
    ):
        yield Desk(stack, mailbox, channel, staff, triage)


def test_a_complaint_goes_its_whole_way(desk: Desk, hook: Receiver) -> None:
    endpoint = desk.staff.post("/v1/webhooks", json={"url": hook.url}).json()
    begun = desk.staff.get("/v1/changes", params={"limit": 200}).json()
    while begun["more"]:
        after = {"limit": 200, "after": begun["next_cursor"]}
        begun = desk.staff.get("/v1/changes", params=after).json()
    receipt = desk.file()
    desk.act(receipt, ("assign", {"assignee": HANDLER}), ("start", {}))
    desk.act(receipt, ("supplement", {"text": "가로등 번호를 알려 주세요"}))
    desk.mailed(receipt, "가로등 번호")
    assert desk.tracked(receipt)["answer_by"] is not None
    desk.page(receipt, "answer", text="3번 가로등입니다")
    assert desk.tracked(receipt)["status"] == "in_progress"
    reply = {"reply": "가로등을 고쳤습니다.", "outcome": "accepted"}
    desk.act(receipt, ("submit", reply), ("approve", {}))
    desk.closed(receipt)
    desk.mailed(receipt, "가로등을 고쳤습니다.")
    told = [step["status"] for step in desk.tracked(receipt)["timeline"]]
    assert told[-6:] == [
        *("assigned", "in_progress", "supplement", "in_progress", "resolved", "closed"),
    ]

    def posted() -> list[str]:
        found = [post.verified(endpoint["secret"]) for post in hook.posts]
        return [m["type"] for m in found if m["data"].get("case_id") == receipt["id"]]

    eventually(lambda: posted()[-1:] == ["case.closed"], WITHIN)
    assert posted() == ["case.routed", "case.closed"]
    after = {"after": begun["next_cursor"], "limit": 200}
    changes = desk.staff.get("/v1/changes", params=after).json()["items"]
    mine = [change["action"] for change in changes if change["case_id"] == receipt["id"]]
    events = desk.staff.get(f"/v1/cases/{receipt['id']}/events").json()["items"]
    assert mine == [event["action"] for event in events][-len(mine) :]
    assert mine[-1] == "finish"


def test_a_merged_complaint_ends_with_the_other_and_both_citizens_hear(desk: Desk) -> None:
    parent, child = desk.file(), desk.file()
    desk.act(child, ("merge", {"into": parent["receipt_number"]}))
    desk.answer(parent, reply="두 곳 모두 고쳤습니다.", outcome="accepted")
    for receipt in (parent, child):
        desk.closed(receipt)
        desk.mailed(receipt, "두 곳 모두")
    assert desk.tracked(child)["close_reason"] == "merged"


def test_a_refusal_says_why_and_what_can_be_done_and_comes_back_linked(desk: Desk) -> None:
    receipt = desk.file()
    refusal = {"reply": "설치 기준에 맞지 않습니다.", "outcome": "not_accepted"}
    desk.answer(receipt, **refusal, reason="간격 기준 미달", remedy="이의신청을 할 수 있습니다")
    desk.closed(receipt)
    desk.mailed(receipt, "간격 기준 미달", "이의신청")
    desk.page(receipt, "refile", text="아직도 너무 어둡습니다. 다시 봐 주세요.")

    def again() -> list[dict[str, Any]]:
        items = desk.staff.get("/v1/queue", params={"limit": 200, "q": "어둡습니다"}).json()[
            "items"
        ]
        review = desk.triage.get("/v1/review", params={"limit": 200}).json()["items"]
        return [case for case in (*items, *review) if case["previous_id"] == receipt["id"]]

    eventually(lambda: len(again()) == 1, WITHIN)
