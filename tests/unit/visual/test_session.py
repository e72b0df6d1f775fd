"""The state of a caller's page: whatever is tapped, it goes on, and late taps do nothing."""

from __future__ import annotations

import json

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
    START,
    Place,
    Session,
    Tap,
    Tapped,
    tap,
)

PACK = load(ROOT / "city" / "gwangju")
MENU: Menu = PACK.menus.current
SIGNS = [BACK, HOME, START, NEXT, FILE, ENGLISH, "_ko", "gone", ""]
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


@given(st.lists(TAPS, max_size=40))
def test_no_taps_lead_to_a_dead_end(taps: list[tuple[str, dict[str, str], int]]) -> None:
    session = Session()
    for node_id, form, off in taps:
        done = tap(session, Tap(node_id, session.rev + off, form), MENU, PACK)
        assert done.session == session if done.stale else done.session.rev == session.rev + 1
        assert not (off and not done.stale)
        session = done.session
        kept = json.loads(json.dumps(session.as_json()))
        assert Session.from_json(kept, session.rev, session.own_words()) == session
        assert session.consent or session.screen == "greeting"
    if session.screen == "greeting":
        session = walk(session, START)
    if not session.over:
        filled = ("write", (NEXT, {"text": "물이 새요"}), NEXT, NEXT, FILE)
        assert walk(session, HOME, *filled).screen == "filing"
        assert walk(session, "emergency-112").shown == {"agency": "emergency-112"}
        assert walk(session, "connect").screen == "connect"


def test_a_complaint_from_first_to_last() -> None:
    words = {"text": "가로등이 꺼졌어요 900101-1234567"}
    place = {"dong": "용봉동", "lat": "35.18", "lon": "126.9"}
    session = walk(Session(), START, "streets", "streetlight", (NEXT, words), (NEXT, place))
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
    assert not touch(session, ENGLISH).stale


def test_a_double_tap_acts_once() -> None:
    session = walk(Session(), START)
    first = tap(session, Tap("streets", session.rev), MENU, PACK)
    second = tap(first.session, Tap("streets", session.rev), MENU, PACK)
    assert second.stale
    assert second.session == first.session


def test_nothing_is_taken_down_before_the_notices() -> None:
    assert touch(Session(), "streetlight").stale
    assert touch(Session(), "write").stale
    assert not touch(Session(), ENGLISH).stale


def test_nothing_is_filed_without_matter_or_words() -> None:
    session = walk(Session(), START, "write", NEXT)
    assert (session.screen, session.shown) == ("write", {"missing": "text"})
    assert not session.usable


def test_back_climbs_the_menu() -> None:
    session = walk(Session(), START, "streets", "road-surface", BACK)
    assert session.group == "streets"
    session = walk(session, BACK)
    assert (session.screen, session.group) == ("menu", None)


def test_a_place_outside_the_city_is_left_out() -> None:
    assert sessions.place_of({"lat": "37.5", "lon": "127.0"}, PACK) == Place()
    assert sessions.place_of({"lat": "nan", "lon": "inf", "dong": "x"}, PACK) == Place()
