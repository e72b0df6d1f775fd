"""The offline commands on real input, as a user types them."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from models.complaints import DATA, title_key
from services.cli.main import cli
from services.errors import InvalidField
from services.settings import ROOT

UNSEEN = ROOT / "tests" / "data" / "complaints.jsonl"


def run(*arguments: str, text: str | bytes = "") -> Result:
    return CliRunner().invoke(cli, list(arguments), input=text)


def test_triage_answers_each_line_in_order_and_passes_ids_on() -> None:
    lines = [
        {"text": "두암동 골목 가로등이 나갔어요", "id": "a"},
        {"text": "무진대로에 포트홀이 있어요", "channel": "voice", "id": "b"},
        {"text": "하수구가 막혔어요"},
    ]
    result = run("triage", text="".join(json.dumps(line) + "\n" for line in lines))
    assert result.exit_code == 0, result.output
    lamp, hole, drain = (json.loads(line) for line in result.stdout.splitlines())
    assert (lamp["id"], lamp["service"], lamp["agency"]) == ("a", "streetlight", "북구청")
    assert (hole["id"], hole["agency"], hole["road_class"]) == ("b", "종합건설본부", "arterial")
    assert (drain["agency"], drain["decision"]) == (None, "review")
    assert lamp.keys() - {"id"} == drain.keys()
    assert len(lamp["services"]) == 5


@pytest.mark.parametrize(
    "line",
    [
        *("nonsense", "[]", '{"txt": 1}', '{"text": "가", "channel": "x"}'),
        '{"text": "가", "location": "북구"}',
        '{"text": "가", "location": {"lat": "35"}}',
        '{"text": "가", "title": 1}',
    ],
)
def test_triage_names_the_line_it_cannot_read_and_answers_those_before(line: str) -> None:
    result = run("triage", text=f'{{"text": "가로등"}}\n{line}\n')
    assert isinstance(result.exception, InvalidField)
    assert "line 2" in str(result.exception)
    assert json.loads(result.stdout)["service"] == "streetlight"


def test_triage_says_that_its_input_is_not_utf_8() -> None:
    result = run("triage", text='{"text": "가로등"}\n'.encode() + b"\xff\xfe\n")
    assert isinstance(result.exception, InvalidField)
    assert "UTF-8" in str(result.exception)


def test_embed_gives_a_unit_row_for_each_line() -> None:
    result = run("embed", text="가로등이 나갔어요\n보안등이 꺼졌어요\n여권 발급\n")
    rows = np.load(BytesIO(result.stdout_bytes), allow_pickle=False)
    assert (rows.dtype, rows.shape[0]) == (np.float32, 3)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]


def test_evaluate_says_what_was_trained_on(tmp_path: Path) -> None:
    known = tmp_path / "known.jsonl"
    first = (DATA / "complaints" / "confusable.jsonl").read_text(encoding="utf-8").splitlines()[:20]
    known.write_text("\n".join(first), encoding="utf-8")
    assert json.loads(run("evaluate", str(known), "--json").stdout)["trained_on"] == 20
    unseen = json.loads(run("evaluate", str(UNSEEN), "--json").stdout)
    assert unseen["trained_on"] == 0
    assert unseen["model"]["service_top1"] > 0.85
    assert unseen["routed_right"] > 0.93


def test_evaluate_reads_titles_from_the_corpora(tmp_path: Path) -> None:
    said = ["택시가 승차거부를 했어요", "시내버스가 정류장을 그냥 지나갔어요"]
    file = tmp_path / "petition_titles_17cat" / "petition_titles.tsv"
    file.parent.mkdir()
    file.write_text("".join(f"2019-01-20\t행정\t{text}\n" for text in said), encoding="utf-8")
    labels = [
        {"line": line, "sha256": title_key(text), "service": service, "kind": "report"}
        for line, text, service in zip((1, 2), said, ("taxi", "bus-service"), strict=True)
    ]
    gold = tmp_path / "titles.jsonl"
    gold.write_text("\n".join(map(json.dumps, labels)), encoding="utf-8")
    found = json.loads(run("evaluate", str(gold), "--corpora", str(tmp_path), "--json").stdout)
    assert found["model"]["lines"] == 2
    assert found["model"]["service_top1"] == 1
    file.unlink()
    refused = CliRunner().invoke(cli, ["evaluate", str(gold), "--corpora", str(tmp_path)])
    assert refused.exit_code == 2
    assert "no petition titles" in refused.output


@pytest.mark.parametrize(
    ("kind", "received", "due"),
    [
        ("other", "2026-02-13T16:30+09:00", "2026-02-19T10:30:00+09:00"),
        ("query", "2026-08-03T10:00+09:00", "2026-08-11T18:00:00+09:00"),
    ],
)
def test_clock_due(kind: str, received: str, due: str) -> None:
    result = run("clock", "due", "--kind", kind, "--received", received, "--json")
    answer = json.loads(result.stdout)
    assert answer["due_at"] == due
    assert answer["days"][-1]["date"] == due[:10]
    plain = run("clock", "due", "--kind", kind, "--received", received).stdout.splitlines()
    assert plain[0] == due
    assert len(plain) == len(answer["days"]) + 1


def test_clock_refuses_what_it_cannot_read() -> None:
    zoneless = run("clock", "due", "--kind", "other", "--received", "2026-02-13T16:30")
    assert (zoneless.exit_code, "zone" in zoneless.output) == (2, True)
    unknown = run("clock", "due", "--kind", "x", "--received", "2026-02-13T16:30+09:00")
    assert isinstance(unknown.exception, InvalidField)
