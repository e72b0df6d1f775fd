"""Training end to end on small data: the real steps, the real files."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from models import artifact, complaints, corpora, tokens
from models.card import card
from models.complaints import Complaint
from models.embedder import Lessons, Recipe, initial_vectors, tune
from models.encoders import static_encoder
from models.engine import load
from models.errors import ModelError
from models.learning import UNSEEN, _save_unseen, learn_embedder, unit, with_unseen
from models.noise import noisy_copies
from models.progress import QUIET, Progress
from models.stages import Stages
from models.training import gather, train

SERVICES = {"streetlight", "water-supply", "animal", "fire-rescue", "road-damage", "flooding"}
SMALL = Recipe(vocabulary=2500, dimensions=32, batch=64, rounds=2)


@pytest.fixture
def data(rows: list[Complaint], tmp_path: Path) -> Path:
    """Six services, in two files, every sixth line held out; kinds that are rare left out."""
    folder = tmp_path / "data"
    (folder / "complaints").mkdir(parents=True)
    kept = [
        r for r in rows if r.service in SERVICES and r.kind in {"report", "inquiry", "grievance"}
    ]
    for name, part in {"even": kept[::2], "odd": kept[1::2]}.items():
        lines = [asdict(row) | {"id": f"{name}-{at:04d}"} for at, row in enumerate(part)]
        text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
        (folder / "complaints" / f"{name}.jsonl").write_text(text, encoding="utf-8")
    held_out = [row.id for row in complaints.read_all(folder / "complaints")][::6]
    (folder / "dev_ids.txt").write_text("\n".join(held_out), encoding="utf-8")
    return folder


def test_without_corpora_the_embedder_stays_and_the_classifier_is_new(
    data: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(artifact.SHIPPED, tmp_path / "artifact"))
    old = artifact.verify(folder)
    figures = train(data, None, folder, progress=QUIET)
    new = artifact.verify(folder)
    assert new.version != old.version
    for name in ("embedder/model.safetensors", "unseen.safetensors"):
        assert new.files[name] == old.files[name]
    assert figures["dev"]["service_top1"] > 0.8
    assert set(figures["held_out_families"]) == {"even", "odd"}
    assert (folder / artifact.CARD).read_text(encoding="utf-8") == card(figures)
    engine = load(folder)
    vector = engine.embed(["가로등이 꺼졌어요"])
    assert engine.predict(["가로등이 꺼졌어요"], ["web"], vector)[0].services[0][0] == "streetlight"
    assert not list(tmp_path.glob("artifact.*"))


def test_titles_are_learned_and_the_embedder_may_stay(data: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(artifact.SHIPPED, tmp_path / "artifact"))
    old = artifact.verify(folder)
    titles = [f"가로등 {number}번이 며칠째 꺼져 있어요" for number in range(1, 9)]
    file = tmp_path / "corpora" / "petition_titles_17cat" / "petition_titles.tsv"
    file.parent.mkdir(parents=True)
    file.write_text("".join(f"2019-01-20\t행정\t{t}\n" for t in titles), encoding="utf-8")
    labels = [
        {"line": line, "service": "streetlight", "kind": "report"}
        | {"sha256": complaints.title_key(title)}
        for line, title in enumerate(titles, start=1)
    ]
    (data / complaints.TITLES).mkdir()
    learned = data / complaints.TITLES / "learned.jsonl"
    learned.write_text("\n".join(map(json.dumps, labels)), encoding="utf-8")
    figures = train(data, tmp_path / "corpora", folder, progress=QUIET, keep_embedder=True)
    assert figures["titles"] == len(titles)
    assert figures["lines"] == len(titles) + len(complaints.read_all(data / "complaints"))
    assert set(figures["held_out_families"]) == {"even", "odd", complaints.TITLES}
    new = artifact.verify(folder)
    assert new.files["embedder/model.safetensors"] == old.files["embedder/model.safetensors"]
    assert f"from {len(titles)} titles" in (folder / artifact.CARD).read_text(encoding="utf-8")


def test_an_odd_width_is_refused(rows: list[Complaint], tmp_path: Path) -> None:
    stages = Stages(tmp_path / "work", QUIET)
    with pytest.raises(ModelError, match="even number"):
        learn_embedder(tmp_path, tmp_path, rows[:9], range(9), Recipe(dimensions=33), stages)


def test_one_family_of_files_is_not_held_out(data: Path, tmp_path: Path) -> None:
    """Nothing would be left to learn from, and nothing stops for it."""
    folder = data / "complaints"
    rows = complaints.read_all(folder)
    for file in list(folder.iterdir()):
        file.unlink()
    lines = [asdict(row) | {"id": f"city_{row.id}"} for row in rows]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (folder / "city_lines.jsonl").write_text(text, encoding="utf-8")
    ids = [row.id for row in complaints.read_all(folder)][::6]
    (data / "dev_ids.txt").write_text("\n".join(ids), encoding="utf-8")
    artifact_folder = Path(shutil.copytree(artifact.SHIPPED, tmp_path / "artifact"))
    figures = train(data, None, artifact_folder, progress=QUIET)
    assert figures["held_out_families"] == {}


def test_another_embedder_is_named_and_not_shipped(data: Path, tmp_path: Path) -> None:
    from model2vec import StaticModel

    other = tmp_path / "other"
    shipped = artifact.SHIPPED / artifact.EMBEDDER
    StaticModel.from_pretrained(shipped, dimensionality=64).save_pretrained(other)
    folder = tmp_path / "artifact"
    train(data, None, folder, str(other), progress=QUIET)
    assert not (folder / artifact.EMBEDDER).exists()
    assert load(folder).dimensions == 64
    with pytest.raises(ModelError, match="no embedder"):
        train(data, None, folder, progress=QUIET)


def test_an_embedder_is_learned_from_public_corpora(rows: list[Complaint], tmp_path: Path) -> None:
    own = [row for row in rows if row.service in SERVICES]
    texts = [row.text for row in own]
    _write_corpora(tmp_path / "corpora", texts)
    stages = Stages(tmp_path / "work", QUIET)
    learn_embedder(tmp_path, tmp_path / "corpora", own, range(len(own)), SMALL, stages)
    encoder = static_encoder(tmp_path / "embedder")
    vectors = encoder(["내일 날씨 알려줘", "내일 날씨", "뷁𠮷"])
    assert vectors.shape == (3, SMALL.dimensions)
    assert float(vectors[0] @ vectors[1]) > float(vectors[0] @ vectors[2])
    seen = encoder([*texts[:2], "처음 보는 글"])
    unseen = with_unseen(tmp_path / "unseen.safetensors", [*texts[:2], "처음 보는 글"], seen)
    assert np.linalg.norm(unseen, axis=1) == pytest.approx(np.ones(3), abs=1e-2)
    assert not np.allclose(unseen[:2], seen[:2], atol=1e-2)
    assert np.array_equal(unseen[2], seen[2])


def test_another_label_does_not_teach_the_language_again(
    rows: list[Complaint], tmp_path: Path
) -> None:
    own = [row for row in rows if row.service in SERVICES][::2]
    other = [replace(own[0], service=own[-1].service), *own[1:]]
    assert other != own
    _write_corpora(tmp_path / "corpora", [row.text for row in own])
    said: list[str] = []
    stages = Stages(tmp_path / "work", Progress(said.append))
    for lines in (own, other):
        learn_embedder(tmp_path, tmp_path / "corpora", lines, range(len(own)), SMALL, stages)
    assert said.count("language: done before") == 1
    assert "services: done before" not in said


def test_unseen_vectors_keep_their_direction(tmp_path: Path) -> None:
    vectors = unit(np.random.default_rng(0).standard_t(4, size=(50, 256)).astype(np.float32))
    texts = [f"{number} 번째 글" for number in range(50)]
    _save_unseen(tmp_path / UNSEEN, texts, vectors)
    read = with_unseen(tmp_path / UNSEEN, texts, np.zeros_like(vectors))
    assert np.sum(read * vectors, axis=1).min() > 0.97


def test_noisy_copies_have_unseen_vectors_too(rows: list[Complaint], tmp_path: Path) -> None:
    own = [row for row in rows if row.service in SERVICES][::2]
    _write_corpora(tmp_path / "corpora", [row.text for row in own])
    stages = Stages(tmp_path / "work", QUIET)
    learn_embedder(tmp_path, tmp_path / "corpora", own, range(len(own)), SMALL, stages)
    encoder = static_encoder(tmp_path / "embedder")
    lines = gather(own, encoder, tmp_path / "unseen.safetensors")
    copies = lines.rows[len(own) :]
    assert copies == noisy_copies(own)
    seen, unseen = encoder([row.text for row in copies]), lines.vectors[len(own) :]
    assert np.linalg.norm(unseen, axis=1) == pytest.approx(np.ones(len(own)), abs=1e-5)
    assert not np.isclose(unseen, seen, atol=1e-3).all(axis=1).any()


def test_a_training_cut_short_goes_on_where_it_stopped(data: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(artifact.SHIPPED, tmp_path / "artifact"))
    said: list[str] = []

    def stop_late(line: str) -> None:
        said.append(line)
        if line == "training on every line" and said.count(line) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(data, None, folder, progress=Progress(stop_late))
    before = artifact.verify(folder)
    figures = train(data, None, folder, progress=Progress(stop_late))
    assert "measuring on the dev lines: done before" in said
    assert "measuring without odd: done before" in said
    assert artifact.verify(folder).version != before.version
    assert figures["dev"]["lines"] > 0
    assert not list(tmp_path.glob("artifact.*"))


def test_a_step_is_taken_again_when_its_inputs_change(tmp_path: Path) -> None:
    stages, made = Stages(tmp_path, QUIET), []

    def make() -> dict[str, int]:
        made.append(1)
        return {"made": len(made)}

    results = [stages.facts("step", inputs, make) for inputs in (["a", 1], ["a", 1], ["a", 2])]
    assert results == [{"made": 1}, {"made": 1}, {"made": 2}]


def test_a_seed_gives_one_embedder(rows: list[Complaint]) -> None:
    texts = [row.text for row in rows if row.channel == "visual_ars"]
    tokenizer = tokens.learn(texts, SMALL.vocabulary)
    lessons = Lessons(corpora.halves(texts), {"same": [(text, text[:20]) for text in texts]})
    once, twice = (
        tune(tokenizer, initial_vectors(tokenizer, texts, SMALL), lessons, SMALL, QUIET)
        for _ in range(2)
    )
    np.testing.assert_allclose(once, twice, atol=1e-6)


def test_no_corpus_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no corpus"):
        learn_embedder(tmp_path / "out", tmp_path, [], [], SMALL, Stages(tmp_path / "work", QUIET))


def test_corpora_are_read_as_their_sources_publish_them(tmp_path: Path) -> None:
    _write_corpora(tmp_path, ["하나", "둘"])
    pairs = corpora.paraphrases(tmp_path)
    assert pairs["sae4k"][0] == ("내일 날씨 알려줘", "내일 날씨")
    assert len(pairs["paraKQC"]) == 30
    assert pairs["Question_pair"] == [("언제 와요", "몇 시에 오나요")]
    assert pairs["XNLI"] == [("비가 온다", "날이 흐리다")]
    assert pairs["KorSTS"] == [("개가 뛴다", "개가 달린다")]
    assert [pair.score for pair in corpora.sts(tmp_path, "train")] == [0.8, 0.2]


def test_halves_share_out_every_word() -> None:
    text = "가 나 다 라 마 바 사 아"
    for first, second in corpora.halves([text, "너무 짧은 글"], seed=3):
        assert sorted(first.split() + second.split()) == text.split()


def _write_corpora(folder: Path, texts: list[str]) -> None:
    tables: dict[str, list[tuple[str, ...]]] = {
        "sae4k/sae4k_v1.txt": [("내일 날씨 알려줘", "내일 날씨", "0")] * 40,
        "paraKQC/paraKQC_v1.txt": [("0", "0", f"메일을 지울까 {n}") for n in range(10)],
        "i3i4k/fci.txt": [("0", text) for text in texts],
        "korsts_xnli_ko/xnli.dev.ko.tsv": [
            ("sentence1", "sentence2", "gold_label"),
            ("비가 온다", "날이 흐리다", "entailment"),
            ("비가 온다", "날이 맑다", "contradiction"),
        ],
        "korsts_xnli_ko/sts-train.tsv": [
            ("genre", "filename", "year", "id", "score", "sentence1", "sentence2"),
            ("g", "f", "y", "1", "4.0", "개가 뛴다", "개가 달린다"),
            ("g", "f", "y", "2", "1.0", "개가 뛴다", "배가 고프다"),
        ],
    }
    for name, table in tables.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join("\t".join(row) for row in table) + "\n", encoding="utf-8")
    (folder / "songys").mkdir()
    with (folder / "songys/kor_pair_train.csv").open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(("id", "qid1", "qid2", "question1", "question2", "is_duplicate"))
        writer.writerow(("1", "1", "2", "언제 와요", "몇 시에 오나요", "0"))
        writer.writerow(("2", "3", "4", "언제 와요", "얼마예요", "1"))
