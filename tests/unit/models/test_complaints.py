from __future__ import annotations

import json
from pathlib import Path

import pytest

from models import complaints
from models.complaints import Complaint
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


def test_a_doubled_id_is_refused(tmp_path: Path) -> None:
    line = json.dumps(LINE | {"id": "a-1"})
    (tmp_path / "a.jsonl").write_text(f"{line}\n{line}\n", encoding="utf-8")
    with pytest.raises(ModelError, match="twice"):
        complaints.read_all(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no labelled"):
        complaints.read_all(tmp_path)
