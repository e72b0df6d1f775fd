from __future__ import annotations

import json
from pathlib import Path

import pytest

from models import complaints
from models.complaints import Complaint, Reading
from models.errors import ModelError

LINE = {"text": "가로등", "channel": "web", "service": "s", "kind": "report", "urgency": "normal"}


def test_the_shipped_lines_carry_the_labels_of_the_guide(rows: list[Complaint]) -> None:
    assert len(rows) >= 5000
    assert len({row.service for row in rows}) == 57
    assert {row.urgency for row in rows} == {"emergency", "high", "normal"}
    assert {row.channel for row in rows} == {"voice", "visual_ars", "web"}


def test_no_near_copy_of_a_dev_line_is_learned_from(rows: list[Complaint]) -> None:
    held_out, groups = complaints.dev_ids(), complaints.near_copies(rows)
    aside = complaints.near(rows, groups, held_out)
    learned = {group for group, out in zip(groups, aside, strict=True) if not out}
    dev = [at for at, row in enumerate(rows) if row.id in held_out]
    assert len(dev) == len(held_out) == 564
    assert not learned & {groups[at] for at in dev}
    assert 564 <= sum(aside) < 564 + len(rows) / 90
    services = {row.service for row, out in zip(rows, aside, strict=True) if not out}
    assert services == {rows[at].service for at in dev}


def test_groups_are_the_same_however_many_rows_are_compared_at_a_time(
    rows: list[Complaint], monkeypatch: pytest.MonkeyPatch
) -> None:
    some = rows[:600]
    at_once = complaints.near_copies(some)
    assert len(set(at_once)) < len(some)
    monkeypatch.setattr(complaints, "BLOCK", 7)
    assert complaints.near_copies(some) == at_once


def test_a_line_without_id_is_named_by_its_place(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text(json.dumps(LINE) + "\n\n", encoding="utf-8")
    (row,) = complaints.read(file)
    assert (row.id, row.district) == ("mine-0001", None)


@pytest.mark.parametrize("broken", ["{", "[]", '{"text": "가"}', json.dumps(LINE | {"kind": 3})])
def test_a_wrong_line_is_named_and_not_shown(tmp_path: Path, broken: str) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text(json.dumps(LINE) + "\n" + broken + "\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"mine\.jsonl, line 2: \w+$"):
        complaints.read(file)


def corpus(folder: Path, *titles: str) -> Path:
    file = folder / "petition_titles_17cat" / "petition_titles.tsv"
    file.parent.mkdir(parents=True)
    lines = ["expiryDate\tcategory\ttitle", *(f"2019-01-20\t행정\t{title}" for title in titles)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def labels(file: Path, line: int, text: str) -> Path:
    label = {"line": line, "sha256": complaints.title_key(text)}
    label |= {"service": "taxi", "kind": "report"}
    file.write_text(json.dumps(label) + "\n", encoding="utf-8")
    return file


def test_a_title_is_put_to_its_label(tmp_path: Path) -> None:
    folder = corpus(tmp_path, "택시 승차거부", "버스 무정차")
    (row,) = complaints.titles(labels(tmp_path / "l.jsonl", 2, "택시 승차거부"), folder)
    assert (row.text, row.service, row.kind, row.urgency) == (
        "택시 승차거부", "taxi", "report", "normal",
    )  # fmt: skip
    assert complaints.family(row) == complaints.TITLES


def test_another_text_on_a_labelled_line_is_refused_and_not_shown(tmp_path: Path) -> None:
    folder = corpus(tmp_path, "택시 승차거부", "버스 무정차")
    with pytest.raises(ModelError, match=r"^line 3 of the petition titles is not the text"):
        complaints.titles(labels(tmp_path / "l.jsonl", 3, "택시 승차거부"), folder)


@pytest.mark.parametrize("broken", ["{", "[]", json.dumps(LINE), '{"line": "x"}'])
def test_a_wrong_label_is_named(tmp_path: Path, broken: str) -> None:
    file = labels(tmp_path / "l.jsonl", 2, "택시 승차거부")
    file.write_text(file.read_text(encoding="utf-8") + broken + "\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"^l\.jsonl, line 2: \w+$"):
        complaints.titles(file, corpus(tmp_path, "택시 승차거부"))


def test_without_the_corpus_or_the_labels_there_are_no_titles(tmp_path: Path) -> None:
    file = labels(tmp_path / "l.jsonl", 2, "택시 승차거부")
    assert complaints.titles(file, tmp_path) == []
    assert complaints.titles(tmp_path / "none.jsonl", corpus(tmp_path, "택시 승차거부")) == []


def test_no_title_is_both_learned_and_measured_on(rows: list[Complaint]) -> None:
    folder = complaints.DATA / complaints.TITLES
    parts = [
        [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]
        for name in ("learned.jsonl", "unseen.jsonl")
    ]
    learned, unseen = ({label["line"] for label in part} for part in parts)
    assert len(learned) == len(parts[0])
    assert len(unseen) == len(parts[1])
    assert not learned & unseen
    assert {label["service"] for part in parts for label in part} <= {r.service for r in rows}
    assert {label["kind"] for part in parts for label in part} <= {r.kind for r in rows}


def test_a_doubled_id_is_refused(tmp_path: Path) -> None:
    line = json.dumps(LINE | {"id": "a-1"})
    (tmp_path / "a.jsonl").write_text(f"{line}\n{line}\n", encoding="utf-8")
    with pytest.raises(ModelError, match="twice"):
        complaints.read_all(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no labelled"):
        complaints.read_all(tmp_path)


def test_a_second_reading_is_kept_by_the_id_of_its_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    said = {"id": "mine-0001", "service": "s", "kind": "report", "urgency": "high"}
    file.write_text(json.dumps({**said, "district": "동구"}) + "\n", encoding="utf-8")
    assert complaints.readings(file) == {"mine-0001": Reading("s", "report", "high", "동구")}
    assert complaints.readings(tmp_path / "none.jsonl") == {}


@pytest.mark.parametrize("broken", ["[]", "{}", '{"id": 1}', '{"id": "a", "service": "s"}', "-"])
def test_a_wrong_second_reading_is_named(tmp_path: Path, broken: str) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text(broken, encoding="utf-8")
    with pytest.raises(ModelError, match=r"mine\.jsonl, line 1"):
        complaints.readings(file)


def test_a_line_read_twice_by_the_second_reader_is_refused(tmp_path: Path) -> None:
    said = {"id": "a", "service": "s", "kind": "report", "urgency": "high", "district": None}
    (tmp_path / "mine.jsonl").write_text(f"{json.dumps(said)}\n" * 2, encoding="utf-8")
    with pytest.raises(ModelError, match="line 2"):
        complaints.readings(tmp_path / "mine.jsonl")


def test_second_readings_are_of_all_lines_of_a_file_measured_on() -> None:
    files = sorted((complaints.DATA / "second").glob("*.jsonl"))
    assert len(files) >= 7
    for file in files:
        lines = complaints.read(complaints.DATA / "unseen" / file.name)
        assert set(complaints.readings(file)) == {line.id for line in lines}
