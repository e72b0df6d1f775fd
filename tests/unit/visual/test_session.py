"""The state of a caller's page: whatever is tapped, it goes on, and late taps do nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.city import load
from services.city.menus import Menu
from services.settings import ROOT
from services.visual import session as sessions
from services.visual.session import (
    BACK,
    ENGLISH,
    FILE,
    HOME,
    NEXT,
    NO,
    SHOWN_BY_A_CALL,
    START,
    YES,
    Meaning,
    Place,
    Session,
    Tap,
    Tapped,
    begin,
    show,
    tap,
)

PACK = load(ROOT / "city" / "gwangju")
MENU: Menu = PACK.menus.current
SIGNS = [BACK, HOME, START, NEXT, FILE, YES, NO, ENGLISH, "_ko", "gone", ""]
FORMS = [
    {},
    {"text": "가로등이 꺼졌어요"},
    {"text": "   "},
    {"dong": "북구 용봉동"},
    {"dong": "없는동", "lat": "x", "lon": "1e999"},
    {"lat": "35.17", "lon": "126.9", "address": "정문 앞"},
]
TAPS = st.tuples(
    st.sampled_from([*MENU.nodes, *SIGNS, NEXT, START, HOME]),
    st.sampled_from(FORMS),
    st.sampled_from([0, 0, 0, -1, 1]),
)


def touch(session: Session, node_id: str, **form: str) -> Tapped:
    return tap(session, Tap(node_id, session.rev, form), MENU, PACK)


def walk(session: Session, *steps: str | tuple[str, dict[str, str]]) -> Session:
    for step in steps:
        node_id, form = step if isinstance(step, tuple) else (step, {})
        done = touch(session, node_id, **form)
        assert not done.stale, (session.screen, node_id)
        session = done.session
    return session


@given(st.booleans(), st.lists(TAPS, max_size=40))
def test_no_taps_lead_to_a_dead_end(
    in_call: bool, taps: list[tuple[str, dict[str, str], int]]
) -> None:
    session = begin(in_call)
    for node_id, form, off in taps:
        done = tap(session, Tap(node_id, session.rev + off, form), MENU, PACK)
        assert done.session == session if done.stale else done.session.rev == session.rev + 1
        assert not (off and not done.stale)
        session = done.session
        kept = json.loads(json.dumps(session.as_json()))
        assert Session.from_json(kept, session.rev, session.own_words()) == session
    if session.screen == "greeting":
        session = walk(session, START)
    if session.in_call:
        done = touch(walk(session, HOME), "connect")
        assert done.meaning == Meaning("person")
    elif not session.over:
        filled = ("write", (NEXT, {"text": "물이 새요"}), NEXT, NEXT, FILE)
        assert walk(session, HOME, *filled).screen == "filing"


@given(st.lists(st.sampled_from(sorted(SHOWN_BY_A_CALL - {"ended"})), max_size=10))
def test_whatever_a_call_shows_a_tap_goes_on(screens: list[sessions.Screen]) -> None:
    session = begin(in_call=True)
    for n, screen in enumerate(screens):
        session = show(session, screen, {"prompt": "어디인가요?"})
        assert (session.screen, session.rev) == (screen, n + 2)
        assert touch(session, "emergency-119").meaning == Meaning("emergency", "fire-119")


def test_a_complaint_from_first_to_last() -> None:
    words = {"text": "가로등이 꺼졌어요 900101-1234567"}
    place = {"dong": "용봉동", "lat": "35.18", "lon": "126.9"}
    session = walk(begin(False), START, "streets", "streetlight", (NEXT, words), (NEXT, place))
    session = walk(sessions.add_photo(session, "p"), NEXT)
    assert (session.screen, session.leaf) == ("check", "streetlight")
    assert "900101" not in session.words
    assert session.place == Place("북구 용봉동", 35.18, 126.9)
    assert session.photos == ("p",)
    assert "꺼졌" not in json.dumps(session.as_json(), ensure_ascii=False)
    assert walk(session, BACK, BACK, BACK).screen == "write"
    session = sessions.filed(walk(session, FILE), {"receipt_number": "20260101-0000001"})
    assert touch(session, FILE).stale
    assert touch(session, HOME).stale
    assert sessions.ended(session) == session


def test_a_double_tap_acts_once() -> None:
    session = walk(begin(False), START)
    first = tap(session, Tap("streets", session.rev), MENU, PACK)
    second = tap(first.session, Tap("streets", session.rev), MENU, PACK)
    assert second.stale
    assert second.session == first.session
    assert second.meaning is None


def test_nothing_is_taken_down_before_the_notices() -> None:
    assert touch(begin(False), "streetlight").stale
    assert touch(begin(False), "write").stale
    assert not touch(begin(False), ENGLISH).stale
    assert begin(True).consent


def test_nothing_is_filed_without_matter_or_words() -> None:
    session = walk(begin(False), START, "write", NEXT)
    assert (session.screen, session.shown) == ("write", {"missing": "words"})
    assert not session.usable


@pytest.mark.parametrize(
    ("node_id", "form", "meaning"),
    [
        ("pothole", {}, Meaning("service", "road-damage")),
        ("emergency-112", {}, Meaning("emergency", "emergency-112")),
        ("connect", {}, Meaning("person")),
        ("streets", {}, None),
        (BACK, {}, None),
    ],
)
def test_what_a_tap_says_to_the_dialogue(
    node_id: str, form: dict[str, str], meaning: Meaning | None
) -> None:
    assert touch(begin(True), node_id, **form).meaning == meaning


@pytest.mark.parametrize(
    ("screen", "node_id", "form", "meaning"),
    [
        ("confirm", YES, {}, Meaning("yes")),
        ("confirm", NO, {}, Meaning("no")),
        ("write", NEXT, {"text": "물이 새요"}, Meaning("words", "물이 새요")),
        ("write", NEXT, {}, None),
        ("place", NEXT, {"dong": "북구 용봉동"}, Meaning("place", place=Place("북구 용봉동"))),
        ("place", NEXT, {"lat": "37.5", "lon": "127"}, None),
    ],
)
def test_what_a_form_says_to_the_dialogue(
    screen: sessions.Screen, node_id: str, form: dict[str, str], meaning: Meaning | None
) -> None:
    assert touch(show(begin(True), screen, {}), node_id, **form).meaning == meaning


def test_back_climbs_the_menu() -> None:
    session = walk(begin(True), "streets", "road-surface", BACK)
    assert session.group == "streets"
    session = walk(session, BACK)
    assert (session.screen, session.group) == ("menu", None)


def test_a_call_that_ended_takes_no_taps() -> None:
    session = sessions.ended(begin(True))
    assert session.over
    assert touch(session, "connect").stale


def test_a_call_cannot_show_what_is_the_page_s_own() -> None:
    with pytest.raises(ValueError, match="filing"):
        show(begin(True), "filing", {})
