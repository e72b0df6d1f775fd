from __future__ import annotations

from services.triage.hangul import Neighbours, is_hangul, sounds


def test_a_final_consonant_moves_to_a_silent_beginning() -> None:
    assert sounds("진월") == sounds("지눨")
    assert sounds("풍암") != sounds("풍안")
    assert len(sounds("광산구")) == 9


def test_neighbours_differ_in_one_sound() -> None:
    names = Neighbours(["풍암동", "수완지구"])
    assert names.of("풍안동") == {"풍암동"}
    assert names.of("수안지구") == {"수완지구"}
    assert names.of("풍향동") == set()
    assert names.of("수완지") == set()


def test_the_quick_look_never_hides_a_neighbour() -> None:
    names = Neighbours(["풍암동"])
    for word in ("풍암동", "풍안동", "품암동", "풍암돈"):
        assert set(names.spans(word, {0})) == {(0, 3)}
    assert set(names.spans("여기풍안동", {0, 2})) == {(2, 5)}
    assert set(names.spans("여기풍안동", {0})) == set()
    assert set(names.spans("가나다", {0, 1, 2})) == set()


def test_no_names_have_no_neighbours() -> None:
    assert set(Neighbours([]).spans("풍암동", {0})) == set()


def test_hangul_is_told_from_the_rest() -> None:
    assert is_hangul("가힣")
    assert not is_hangul("4가")
