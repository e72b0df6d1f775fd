"""The artifact on disk: sealed, small, and told truly by its card."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from models import artifact
from models.artifact import CARD, FIGURES, MANIFEST, SHIPPED
from models.card import TOGETHER, card
from models.complaints import DATA, TITLES
from models.corpora import LICENCES
from models.engine import load
from models.errors import ArtifactDamaged


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "artifact"))


def test_the_shipped_artifact_agrees_with_its_manifest() -> None:
    assert artifact.verify(SHIPPED).version.startswith("static-")


def test_the_shipped_artifact_is_small_and_holds_no_pickle() -> None:
    files = [file for file in SHIPPED.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= 30_000_000
    assert {file.suffix for file in files} == {".safetensors", ".json", ".md"}


def test_a_changed_file_is_refused(copy: Path) -> None:
    (copy / "classifier.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ArtifactDamaged, match=r"classifier\.json"):
        load(copy)


def test_a_missing_file_is_refused(copy: Path) -> None:
    (copy / "embedder" / "tokenizer.json").unlink()
    with pytest.raises(ArtifactDamaged, match=r"tokenizer\.json"):
        load(copy)


def test_an_unlisted_file_is_refused(copy: Path) -> None:
    (copy / "embedder" / "extra.bin").write_bytes(b"x")
    with pytest.raises(ArtifactDamaged, match=r"extra\.bin"):
        load(copy)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}'])
def test_an_unreadable_manifest_is_refused(copy: Path, text: str) -> None:
    (copy / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(ArtifactDamaged, match="unreadable"):
        load(copy)


def test_a_later_format_is_refused(copy: Path) -> None:
    later = artifact.FORMAT + 1
    manifest = artifact.read_json(copy / MANIFEST)
    artifact.write_json(copy / MANIFEST, manifest | {"format": later})
    with pytest.raises(ArtifactDamaged, match=f"format {later}"):
        load(copy)


def test_the_card_says_what_was_measured() -> None:
    figures = json.loads((SHIPPED / FIGURES).read_text(encoding="utf-8"))
    text = (SHIPPED / CARD).read_text(encoding="utf-8")
    assert text == card(figures)
    assert f"{figures['dev']['service_top1']:.3f}" in text
    assert f"{figures['embedder']['korsts_dev_spearman']:.3f}" in text
    for source, licence in LICENCES.items():
        assert f"| {source} | {licence} |" in text


def test_other_figures_leave_the_version_and_the_seal(copy: Path) -> None:
    before = artifact.verify(copy)
    figures = artifact.read_json(copy / FIGURES) | {"lines": 7, "titles": 0}
    artifact.restate(copy, figures, card(figures))
    after = artifact.verify(copy)
    assert after.version == before.version
    assert artifact.read_json(copy / FIGURES)["lines"] == 7
    assert "from 7 lines" in (copy / CARD).read_text(encoding="utf-8")
    (copy / CARD).write_text("", encoding="utf-8")
    with pytest.raises(ArtifactDamaged):
        artifact.restate(copy, figures, "")


def test_the_card_says_what_routing_comes_to() -> None:
    figures = artifact.read_json(SHIPPED / FIGURES)
    text = (SHIPPED / CARD).read_text(encoding="utf-8")
    measured = {file.stem for file in (DATA / "unseen").glob("*.jsonl")}
    assert set(figures["unseen"]) == measured | {TITLES, TOGETHER}
    for file in (DATA / "second").glob("*.jsonl"):
        agreed = figures["unseen"][file.stem]["second_reader"]
        assert f"| {agreed['service']:.3f} |" in text
    for agency, level in figures["routing"]["policy"]["agency_thresholds"].items():
        assert f"| {agency} | {level:.3f} |" in text
    assert f"{figures['unseen']['desk']['routed_right']:.3f}" in text
