"""The measures measure: their shape, and that every accepted complaint is in the database."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from models.complaints import DATA, read_all
from services.city import CityPack
from services.cli.bench import intake, live, triage
from services.cli.bench.rounds import Rounds, Run, alternate, latency, rate, ratio
from services.cli.main import cli
from tests.conftest import ARTIFACT, PACK


def test_contestants_take_turns_and_every_other_round_turns_about() -> None:
    turns: list[str] = []
    found = alternate(2, {name: lambda name=name: turns.append(name) for name in "ab"})  # type: ignore[misc]
    assert turns == ["a", "b", "b", "a", "a", "b"]
    assert [len(rounds.counted) for rounds in found.values()] == [2, 2]


def test_figures_are_medians_and_ratios_are_taken_within_a_round() -> None:
    ours = Rounds(Run(1, 1.0), (Run(10, 1.0), Run(30, 1.0, (0.001, 0.003)), Run(5, 1.0)))
    theirs = Rounds(Run(1, 1.0), (Run(20, 1.0), Run(30, 1.0), Run(20, 1.0)))
    assert rate(ours) == 10.0
    assert ratio(ours, theirs) == 0.5
    alone = latency(Rounds(Run(1, 1.0), (ours.counted[1],)))
    assert (alone.p50_ms, alone.p99_ms) == (2.0, 2.98)


def test_triage_is_measured_beside_its_peers(pack: CityPack) -> None:
    report = triage.measure(pack, ARTIFACT, "", triage.Plan(rounds=1, lines=300, singles=3))
    assert report.texts == 300
    assert set(report.speeds) == {"triage", "tfidf_svm", "embedding", "sentence_transformers"}
    assert all(s.texts_per_second > 0 and s.one.p50_ms > 0 for s in report.speeds.values())
    assert set(report.ratios) == {"triage/tfidf_svm", "embedding/sentence_transformers"}
    together = report.all_cores
    assert together.processes == report.machine.cores
    assert together.texts_per_second > 0
    assert together.of_one_process > 0
    assert together.sentences_embedded_per_second > 0
    assert f"by {together.processes} processes: triage" in triage.as_table(report)


def test_sentences_to_embed_are_as_many_as_the_lines_and_of_one_length() -> None:
    lines = read_all(DATA / "complaints")
    for some in (lines[:1], lines[:70]):
        sentences = triage._sentences(some)
        assert len(sentences) == len(some)
        assert {len(sentence) for sentence in sentences} == {triage.SENTENCE}


def test_intake_files_what_it_accepts() -> None:
    report = intake.measure(PACK, intake.Plan(connections=(1, 5), seconds=0.3, rounds=1))
    assert report.filed == report.accepted > 0
    assert report.refused == 0
    assert [step.connections for step in report.steps] == [1, 5]
    assert all(step.of_the_limit > 0 and step.limit.per_second > 0 for step in report.steps)
    assert f"{report.filed} in the database" in intake.as_table(report)


def test_the_command_prints_one_json_object() -> None:
    result = CliRunner().invoke(
        cli,
        ["bench", "intake", "--connections", "2", "--seconds", "0.1", "--rounds", "1", "--json"],
    )
    report = json.loads(result.stdout)
    assert report["bench"] == "intake"
    assert report["machine"]["cores"] >= 1
    assert report["steps"][0]["connections"] == 2


@pytest.mark.parametrize("connections", ["0", "65", "16,", "many"])
def test_connections_out_of_range_are_refused(connections: str) -> None:
    result = CliRunner().invoke(cli, ["bench", "intake", "--connections", connections])
    assert result.exit_code == 2


def test_live_calls_are_measured_beside_complaints() -> None:
    result = CliRunner().invoke(
        cli, ["bench", "live", "--calls", "3", "--pause", "0", "--rounds", "1", "--json"]
    )
    report = json.loads(result.stdout)
    assert (report["bench"], report["calls"], report["failed"]) == ("live", 3, 0)
    assert report["turns"] == 3 * len(live.SCRIPT)
    for waits in (report["server"], report["client"], report["complaint"]):
        assert 0 < waits["p50_ms"] <= waits["p95_ms"] <= waits["p99_ms"]
    assert report["server"]["p50_ms"] < report["client"]["p50_ms"]
    assert report["of_a_complaint"] > 0
