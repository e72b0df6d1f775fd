from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.city.articles import Article, speech_problems
from services.errors import InvalidField
from services.knowledge.states import By, FourEyes, IllegalStep, created, edited, moved

NOW = datetime(2026, 3, 2, tzinfo=UTC)
AN, BO, PROGRAM = By("staff:an", True), By("staff:bo", True), By("triage:key", False)
ARTICLE = Article(
    id="a",
    title="제목",
    questions=("질문",),
    answer="안내입니다.",
    more="",
    service="other",
    audience="everyone",
    language="ko",
    agency="bukgu",
    department=None,
    valid_from=date(2026, 3, 1),
    valid_until=date(2026, 3, 31),
    confirmed=True,
    source="시험",
)


def test_who_wrote_it_does_not_approve_it() -> None:
    waiting = moved(created(ARTICLE, AN, NOW).held, "submit", AN, NOW).held
    with pytest.raises(FourEyes):
        moved(waiting, "approve", AN, NOW)
    approved = moved(waiting, "approve", BO, NOW).held
    assert (approved.state, approved.live_version) == ("approved", approved.version)
    theirs = moved(edited(approved, ARTICLE, BO, NOW).held, "submit", AN, NOW).held
    assert theirs.live_version == approved.version
    with pytest.raises(FourEyes):
        moved(theirs, "approve", BO, NOW)
    assert moved(theirs, "approve", AN, NOW).held.live_version == theirs.version + 1


def test_a_program_may_write_and_approve() -> None:
    waiting = moved(created(ARTICLE, PROGRAM, NOW).held, "submit", PROGRAM, NOW).held
    assert moved(waiting, "approve", PROGRAM, NOW).held.state == "approved"


@pytest.mark.parametrize(
    ("state", "action"),
    [
        *(("draft", "approve"), ("draft", "return"), ("in_review", "submit")),
        *(("approved", "approve"), ("approved", "submit"), ("retired", "retire")),
    ],
)
def test_steps_out_of_order(state: str, action: str) -> None:
    held = replace(created(ARTICLE, AN, NOW).held, state=state)
    with pytest.raises(IllegalStep):
        moved(held, action, BO, NOW)


def test_words_that_no_voice_can_read() -> None:
    with pytest.raises(InvalidField):
        created(replace(ARTICLE, answer="**굵게**"), AN, NOW)
    assert list(speech_problems("062-120이나 1577-1389로 전화해 주세요. 고맙습니다.")) == []
    for answer in ("", " ", "가. 나. 다.", "1~2일", "5%", "01012345678", "(괄호)", "가\n나"):
        assert list(speech_problems(answer)), answer


@pytest.mark.parametrize(
    ("day", "valid"), [(28, False), (29, True), (59, True), (60, False)], ids=str
)
def test_both_days_of_validity_count(day: int, valid: bool) -> None:
    assert ARTICLE.valid_on(date.fromordinal(date(2026, 1, 31).toordinal() + day)) is valid
