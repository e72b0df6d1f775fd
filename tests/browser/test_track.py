"""Citizens follow a complaint to its end, and back with what was not solved."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from services.web.language import words
from tests.browser.conftest import Served
from tests.browser.visitor import Visitor

_numbers = itertools.count(1)
LAMP = "두암동 골목 가로등이 나가서 밤에 아무것도 안 보여요"
REPLY = "해당 가로등의 전구를 교체했습니다."


@dataclass(frozen=True, slots=True)
class Filed:
    """A case of 북구청, with its staff."""

    id: str
    number: str
    code: str
    staff: httpx.Client

    def act(self, action: str, **order: Any) -> None:
        path = f"/v1/cases/{self.id}"
        tag = self.staff.get(path).headers["ETag"]
        answer = self.staff.post(f"{path}/{action}", json=order, headers={"If-Match": tag})
        assert answer.status_code == 200, answer.text

    def start(self) -> None:
        while self.staff.get(f"/v1/cases/{self.id}").json()["state"] == "routed":
            self.staff.post("/v1/queue:claim", json={"max": 50})
        self.act("start")

    def resolve(self, **more: Any) -> None:
        self.act("submit", **{"reply": REPLY, "outcome": "accepted", **more})
        self.act("resolve")


@pytest.fixture
def file(served: Served) -> Iterator[Callable[[], Filed]]:
    staff = {"Authorization": f"Bearer {served.keys['staff']['북구청']}"}

    def made() -> Filed:
        key = {"Authorization": f"Bearer {served.keys['channel']}"}
        headers = {**key, "Idempotency-Key": f"track-{next(_numbers)}"}
        body = {
            "channel": "web",
            "web": {"body": LAMP},
            "contact": {"phone": "010-1234-5678", "reply_by": "sms"},
        }
        receipt = httpx.post(f"{served.url}/v1/complaints", json=body, headers=headers).json()
        served.work()
        return Filed(receipt["id"], receipt["receipt_number"], receipt["lookup_code"], client)

    with httpx.Client(base_url=served.url, headers=staff) as client:
        yield made


def look_up(someone: Visitor, filed: Filed) -> None:
    someone.go("/track")
    someone.page.fill("#number", filed.number)
    someone.page.fill("#code", filed.code)
    press(someone, "citizen.track.look")


def press(someone: Visitor, name: str) -> None:
    someone.page.get_by_role("button", name=words(someone.language)(name), exact=True).click()


def told(someone: Visitor, name: str) -> None:
    expect(someone.page.locator("main")).to_contain_text(words(someone.language)(name))


def test_a_case_is_asked_answered_rated_and_comes_back(
    anyone: Visitor, file: Callable[[], Filed], served: Served
) -> None:
    filed = file()
    anyone.go("/track")
    anyone.check("lookup")
    look_up(anyone, filed)
    told(anyone, "citizen.state.routed.text")
    anyone.check("case-routed")
    filed.start()
    filed.act("supplement", text="몇 번째 전봇대인지 알려 주세요.")
    look_up(anyone, filed)
    expect(anyone.page.locator("main")).to_contain_text("몇 번째 전봇대인지")
    anyone.page.set_input_files(
        "#files",
        {"name": "위치.txt", "mimeType": "text/plain", "buffer": "세 번째".encode()},
    )
    press(anyone, "citizen.track.send")
    told(anyone, "citizen.fault.text_empty")
    expect(anyone.page.locator("input[name=file]")).to_be_checked()
    anyone.check("case-supplement")
    anyone.page.fill("#text", "골목 입구에서 세 번째입니다.")
    press(anyone, "citizen.track.send")
    told(anyone, "citizen.track.done.answer")
    kept = filed.staff.get(f"/v1/cases/{filed.id}/attachments").json()["items"]
    assert [one["name"] for one in kept] == ["위치.txt"]
    told(anyone, "citizen.state.in_progress.text")
    filed.resolve()
    look_up(anyone, filed)
    expect(anyone.page.locator("main")).to_contain_text(REPLY)
    anyone.page.check("input[name=score][value='2']")
    anyone.page.fill("#comment", "늦었습니다.")
    press(anyone, "citizen.rate.send")
    told(anyone, "citizen.track.done.rate")
    expect(anyone.page.locator("input[name=score][value='2']")).to_be_checked()
    anyone.check("case-resolved")
    anyone.page.fill("#refile_text", "아직도 깜박거립니다.")
    press(anyone, "citizen.refile.send")
    follower = anyone.page.locator("[data-number]").inner_text()
    assert follower != filed.number
    anyone.check("refiled")
    served.work()
    look_up(anyone, filed)
    expect(anyone.page.locator("main")).to_contain_text(follower)


def test_a_wrong_code_opens_nothing_and_too_many_wait(
    visitor: Visitor, file: Callable[[], Filed]
) -> None:
    filed = file()
    visitor.go("/track")
    for _ in range(10):
        visitor.page.fill("#number", filed.number)
        visitor.page.fill("#code", "00000000")
        press(visitor, "citizen.track.look")
        expect(visitor.page.locator("[data-error-summary]")).to_be_focused()
    visitor.check("lookup-wrong")
    visitor.page.fill("#code", filed.code)
    press(visitor, "citizen.track.look")
    told(visitor, "shell.fault.429.title")
    visitor.check()


def test_withdrawing_is_meant(visitor: Visitor, file: Callable[[], Filed]) -> None:
    filed = file()
    look_up(visitor, filed)
    visitor.page.get_by_text(words("ko")("citizen.withdraw.title"), exact=True).click()
    press(visitor, "citizen.withdraw.send")
    told(visitor, "citizen.fault.sure")
    visitor.check("case-withdraw")
    visitor.page.check("#sure")
    press(visitor, "citizen.withdraw.send")
    told(visitor, "citizen.state.closed_withdrawn.text")
    visitor.check()


def test_a_person_is_asked_to_look(visitor: Visitor, file: Callable[[], Filed]) -> None:
    filed = file()
    look_up(visitor, filed)
    visitor.page.get_by_text(words("ko")("citizen.explain.title"), exact=True).click()
    visitor.page.check("input[name=wish][value=review]")
    visitor.page.fill("#why", "도로가 아니라 공원 안입니다.")
    press(visitor, "citizen.explain.send")
    told(visitor, "citizen.track.done.explain")
    events = filed.staff.get(f"/v1/cases/{filed.id}/events").json()["items"]
    assert events[-1]["action"] == "ask-review"
    assert events[-1]["data"] == {"wish": "review", "text": "도로가 아니라 공원 안입니다."}
    visitor.page.get_by_role("button", name="English").click()
    expect(visitor.page.locator("h1")).to_have_text(words("en")("citizen.track.title"))
