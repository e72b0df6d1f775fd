"""What staff teach: their corrections and answers come out as training lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from models.complaints import read
from services.cli.labels import label_lines
from tests.integration.api.town import Town, web

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def test_a_corrected_case_becomes_a_line_that_training_reads(town: Town, tmp_path: Path) -> None:
    corrected, untouched = town.routed(2)
    answer = town.act(corrected, "correct", "북구청", 2, service="noise", urgency="high")
    assert answer.status_code == 200
    with psycopg.connect(town.settings.database_url) as conn:
        lines = list(label_lines(conn, BEGINNING))
        assert list(label_lines(conn, datetime.now(UTC))) == []
    (tmp_path / "new.jsonl").write_text("\n".join(lines), encoding="utf-8")
    line = next(line for line in read(tmp_path / "new.jsonl") if line.id == corrected)
    assert (line.service, line.urgency, line.channel) == ("noise", "high", "web")
    assert not any(untouched in line for line in lines)


def test_personal_data_does_not_reach_the_training_lines(town: Town) -> None:
    body = web("가로등이 나갔어요 010-1234-5678", contact={"name": "홍길동", "reply_by": "none"})
    id = town.file(body).json()["id"]
    town.place([id])
    town.act(id, "correct", "북구청", 2, kind="grievance")
    with psycopg.connect(town.settings.database_url) as conn:
        line = next(line for line in label_lines(conn, BEGINNING) if id in line)
    assert json.loads(line)["text"] == "가로등이 나갔어요 [전화번호]"
    assert "홍길동" not in line
