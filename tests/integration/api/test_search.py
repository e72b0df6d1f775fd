"""Search in the queue: Korean words within words, places, receipt numbers; behind the walls."""

from __future__ import annotations

import json

import psycopg
import pytest

from services.cases.search.store import index_missing
from services.database import API, WORKER, Database, conninfo
from tests.integration.api.town import Town, web


@pytest.fixture(scope="module")
def placed(town: Town) -> dict[str, str]:
    bodies = {
        "lamp": web("용봉동 가로등이고장났습니다 빨리고쳐주세요"),
        "dog": web("공원에 들개가 돌아다녀요", location={"dong": "운암동"}),
        "bus": web("BRT 정류장 LED 전광판이 안 나와요. 전화 010-1234-5678"),
    }
    ids = {name: town.file(body).json()["id"] for name, body in bodies.items()}
    town.place(list(ids.values()))
    return ids


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("가로등", "lamp"),
        ("고장", "lamp"),
        ("로등이고", "lamp"),
        ("가로등 고장", "lamp"),
        ("등로", ""),
        ("가로등 들개", ""),
        ("개", "dog"),
        ("운암동", "dog"),
        ("led", "bus"),
        ("전광판 정류장", "bus"),
        ("5678", ""),
        ("%", ""),
        ("_", ""),
        ("!", ""),
        ("요", "lamp dog bus"),
    ],
)
def test_words_are_found_within_words(
    words: str, found: str, placed: dict[str, str], town: Town
) -> None:
    items = town.get("/v1/queue", "북구청", q=words).json()["items"]
    assert {item["id"] for item in items} == {placed[name] for name in found.split()}


def test_a_receipt_number_is_found(placed: dict[str, str], town: Town) -> None:
    number = town.get(f"/v1/cases/{placed['dog']}", "북구청").json()["receipt_number"]
    items = town.get("/v1/queue", "북구청", q=number).json()["items"]
    assert [item["id"] for item in items] == [placed["dog"]]


def test_another_agencys_words_are_not_found(placed: dict[str, str], town: Town) -> None:
    assert town.get("/v1/queue", "남구청", q="가로등").json()["items"] == []
    with (
        psycopg.connect(conninfo(town.settings.database_url, API)) as conn,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        conn.execute("SELECT words FROM case_words")


def test_what_was_never_indexed_is_indexed_by_the_sweeper(
    placed: dict[str, str], town: Town
) -> None:
    with psycopg.connect(town.settings.database_url) as conn:
        conn.execute("DELETE FROM case_words")
    database = Database(town.settings.database_url, WORKER)
    database.open()
    try:
        assert index_missing(database) == len(placed)
        assert index_missing(database) == 0
    finally:
        database.close()
    items = town.get("/v1/queue", "북구청", q="들개").json()["items"]
    assert [item["id"] for item in items] == [placed["dog"]]


def test_words_are_read_from_their_index(town: Town) -> None:
    with psycopg.connect(town.settings.database_url) as conn:
        conn.execute("SET LOCAL enable_seqscan = off")
        rows = conn.execute(
            "EXPLAIN (FORMAT JSON)"
            " SELECT case_id FROM case_words WHERE words @@ '''가로'''::tsquery"
        ).fetchall()
    assert "case_words_by_word" in json.dumps(rows)
