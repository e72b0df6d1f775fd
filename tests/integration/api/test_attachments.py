"""Files: sent beforehand, bound to the case that names them, read by its agency alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest

from services.database import WORKER, Database
from services.intake import attachments
from services.intake.storage import Storage
from tests.integration.api.town import Answer, Town, web
from tests.unit.intake.files import JPEG, REFUSED, TAKEN

HWP = TAKEN["민원.hwp"][0]


def send(
    town: Town,
    content: bytes | Iterator[bytes] = JPEG,
    name: str = "현장.jpg",
    who: str = "channel",
) -> Answer:
    headers = {**town.signed(who), "Content-Type": "application/octet-stream"}
    path = f"/v1/attachments?filename={quote(name)}"
    return town.client.post(path, headers=headers, content=content)


def naming(*files: Any) -> dict[str, Any]:
    body = web()
    body["web"]["attachments"] = list(files)
    return body


def folder(town: Town) -> Path:
    return Path(urlsplit(town.settings.storage).path)


def objects(town: Town) -> list[Path]:
    return [path for path in folder(town).rglob("*") if path.is_file()]


def test_what_is_sent_is_what_the_agency_reads(town: Town) -> None:
    photo, letter = send(town).json()["id"], send(town, HWP, "민원 010-1234-5678.hwp").json()["id"]
    filed = town.file(naming(photo, {"id": letter}))
    assert filed.status_code == 202
    town.place([filed.json()["id"]])
    listed = town.get(f"/v1/cases/{filed.json()['id']}/attachments", "북구청").json()["items"]
    assert {item["id"]: item["media_type"] for item in listed} == {
        photo: "image/jpeg",
        letter: "application/x-hwp",
    }
    assert "1234" not in str(listed)
    answer = town.client.get(f"/v1/attachments/{photo}", headers=town.signed("북구청"))
    assert (answer.status_code, answer.content) == (200, JPEG)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (
        answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote('현장')}.jpg"
    )


def test_a_client_holds_so_many_files_and_no_more(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.make_key("page", role="channel", client="page")
    monkeypatch.setattr(attachments, "MAX_HELD", 2)
    first = send(town, who="page").json()["id"]
    assert [send(town, who="page").status_code for _ in range(2)] == [201, 429]
    assert town.file(naming(first), who="page").status_code == 202
    refused = [send(town, who="page") for _ in range(2)][1]
    assert refused.json()["code"] == "too_many_uploads"
    assert int(refused.headers["Retry-After"]) > 0
    assert send(town).status_code == 201


def test_another_agency_sees_no_file(town: Town) -> None:
    file = send(town).json()["id"]
    id = town.file(naming(file)).json()["id"]
    town.place([id])
    town.make_key("북구청 건설과", role="staff", agency_id="bukgu", departments=["건설과"])
    for who in ("남구청", "북구청 건설과"):
        assert town.get(f"/v1/attachments/{file}", who).status_code == 404
        assert town.get(f"/v1/cases/{id}/attachments", who).status_code == 404
    assert town.get(f"/v1/attachments/{file}", "triage").status_code == 200
    assert town.get(f"/v1/attachments/{file}", "channel").status_code == 403
    assert town.get(f"/v1/attachments/{uuid4()}", "북구청").status_code == 404


def test_a_file_that_waits_is_nobodys_to_read(town: Town) -> None:
    file = send(town).json()["id"]
    assert town.get(f"/v1/attachments/{file}", "supervisor").status_code == 404


def test_only_a_channel_sends_files(town: Town) -> None:
    assert send(town, who="북구청").status_code == 403
    assert send(town, who="nobody").status_code == 401


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_taken_leaves_nothing(case: str, town: Town) -> None:
    name, content, code = REFUSED[case]
    before = objects(town)
    answer = send(town, content, name)
    assert (answer.status_code, answer.json()["code"]) == (415, code)
    assert objects(town) == before


def test_too_much_is_refused_even_when_its_length_is_not_told(town: Town) -> None:
    large = JPEG + bytes(attachments.MAX_BYTES)
    answers = [send(town, large), send(town, iter([large[:5_000_000], large[5_000_000:]]))]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(413, "file_too_large")] * 2
    assert send(town, large[: attachments.MAX_BYTES]).status_code == 201


def test_no_name_no_content_no_form(town: Town) -> None:
    assert send(town, b"").json()["code"] == "empty_file"
    assert send(town, name="").json()["code"] == "invalid_field"
    form = town.client.post(
        "/v1/attachments?filename=a.jpg", headers=town.signed("channel"), files={"file": JPEG}
    )
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")


def test_the_name_may_come_in_a_header(town: Town) -> None:
    headers = {**town.signed("channel"), "Filename": quote("현장.jpg")}
    answer = town.client.post("/v1/attachments", headers=headers, content=JPEG)
    assert (answer.status_code, answer.json()["name"]) == (201, "현장.jpg")


def test_a_file_is_bound_once_and_a_replay_binds_nothing(town: Town) -> None:
    file = send(town).json()["id"]
    first = town.file(naming(file), key="with a file")
    again = town.file(naming(file), key="with a file")
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = town.file(naming(file))
    assert (other.status_code, other.json()["code"]) == (422, "unknown_upload")
    assert other.json()["pointer"] == "/web/attachments"
    bound = town.rows("SELECT case_id::text FROM attachments WHERE id = %s", UUID(file))
    assert bound == [(first.json()["id"],)]


def test_another_clients_file_is_not_known(town: Town) -> None:
    town.make_key("kiosk", role="channel", client="kiosk")
    file = send(town).json()["id"]
    assert town.file(naming(file), who="kiosk").json()["code"] == "unknown_upload"
    assert town.file(naming(file)).status_code == 202


def test_one_complaint_with_a_lost_file_holds_up_no_other(town: Town) -> None:
    items = [naming(send(town).json()["id"]), naming(str(uuid4())), web()]
    headers = {"Idempotency-Key": "batch with files"}
    answer = town.post("/v1/complaints:batch", "channel", {"items": items}, headers)
    assert [item["http_status"] for item in answer.json()["items"]] == [202, 422, 202]


@pytest.mark.parametrize(
    "files",
    [["no id"], [{}], [{"id": 1}], [str(UUID(int=n)) for n in range(6)]],
    ids=["no id", "nothing", "a number", "six"],
)
def test_what_names_no_file_is_refused(files: list[Any], town: Town) -> None:
    assert town.file(naming(*files)).json()["code"] == "invalid_field"


def test_what_nobody_named_is_swept_after_a_day(town: Town) -> None:
    held, *stale = (send(town).json()["id"] for _ in range(attachments.SWEPT_AT_ONCE + 2))
    with psycopg.connect(town.settings.database_url) as conn:
        conn.execute(
            "UPDATE uploads SET created_at = now() - interval '26 hours'"
            " WHERE id = ANY(%s::uuid[])",
            (stale,),
        )
    old = stale[0]
    assert town.file(naming(old)).json()["code"] == "unknown_upload"
    database, storage = Database(town.settings.database_url, WORKER), Storage(town.settings.storage)
    database.open()
    try:
        assert attachments.sweep(database, storage) == len(stale)
        assert attachments.sweep(database, storage) == 0
    finally:
        database.close()
    names = {path.name for path in objects(town)}
    assert UUID(old).hex not in names
    assert UUID(held).hex in names
    assert town.file(naming(held)).status_code == 202


def test_with_the_storage_away_nothing_is_half_kept(town: Town) -> None:
    file = send(town).json()["id"]
    id = town.file(naming(file)).json()["id"]
    town.place([id])
    aside = folder(town).with_name("aside")
    folder(town).rename(aside)
    folder(town).write_bytes(b"a file where the folder was")
    try:
        answers = [send(town), town.get(f"/v1/attachments/{file}", "북구청")]
        assert [a.status_code for a in answers] == [503, 503]
        assert all(int(a.headers["retry-after"]) > 0 for a in answers)
        assert town.file().status_code == 202
    finally:
        folder(town).unlink()
        shutil.move(aside, folder(town))
    assert town.get(f"/v1/attachments/{file}", "북구청").status_code == 200
    kept = town.rows("SELECT count(*) FROM uploads WHERE NOT stored")
    assert kept == [(1,)]
