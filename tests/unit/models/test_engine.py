"""The shipped engine: its answers, its two loaders, what it must not import."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models import artifact, encoders
from models.complaints import Complaint
from models.engine import load
from models.errors import DimensionMismatch, ModelError
from models.prediction import Engine, Prediction

AWKWARD = ["", " \n", "ㅋㅋㅋㅋㅋㅋ", "뷁 𠮷 🚒", "ABC 112!!!", "가" * 5000, "\x00", "가로등\ud800"]


def one(engine: Engine, text: str) -> Prediction:
    return engine.predict([text], ["web"], engine.embed([text]))[0]


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("골목 가로등이 나가서 밤길이 캄캄합니다. 고쳐 주세요.", "streetlight"),
        ("수돗물에서 녹물이 나와요", "water-supply"),
        ("집 앞 도로에 포트홀이 크게 생겨서 타이어가 터졌어요", "road-damage"),
        ("지하철 역 에스컬레이터가 고장났습니다", "metro"),
    ],
)
def test_plain_complaints_get_their_service(engine: Engine, text: str, service: str) -> None:
    assert one(engine, text).services[0][0] == service


def test_a_fire_with_people_inside_is_an_emergency(engine: Engine) -> None:
    prediction = one(engine, "건물에서 불이 났어요 사람이 안에 갇혔어요 빨리 와 주세요")
    assert prediction.services[0][0] == "fire-rescue"
    assert prediction.urgency == "emergency"
    assert prediction.emergency_probability > 0.5


def test_words_are_words_of_the_text(engine: Engine) -> None:
    prediction = one(engine, "골목 가로등이 나가서 밤길이 캄캄합니다")
    assert prediction.words[0][0] == "가로등이"
    weights = [weight for _, weight in prediction.words]
    assert weights == sorted(weights, reverse=True)


def test_awkward_texts_get_unit_vectors_and_finite_probabilities(engine: Engine) -> None:
    vectors = engine.embed(AWKWARD)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(AWKWARD)), abs=1e-4)
    for prediction in engine.predict(AWKWARD, ["voice"] * len(AWKWARD), vectors):
        assert len(prediction.services) == 5
        assert all(0 <= chance <= 1 for _, chance in prediction.services)
        assert 0 <= prediction.emergency_probability <= 1


def test_no_texts_give_no_rows(engine: Engine) -> None:
    vectors = engine.embed([])
    assert vectors.shape == (0, engine.dimensions)
    assert engine.predict([], [], vectors) == []


def test_lengths_must_agree(engine: Engine) -> None:
    with pytest.raises(ValueError, match="length"):
        engine.predict(["가"], [], engine.embed(["가"]))


def test_a_text_is_judged_alike_alone_and_in_a_batch(engine: Engine, rows: list[Complaint]) -> None:
    texts = [row.text for row in rows[:64]]
    together = engine.predict(texts, ["web"] * 64, engine.embed(texts))
    for text, batched in zip(texts[:8], together[:8], strict=True):
        alone = one(engine, text)
        assert alone.services[0][0] == batched.services[0][0]
        assert alone.services[0][1] == pytest.approx(batched.services[0][1], abs=1e-4)


def test_both_loaders_give_equal_vectors(rows: list[Complaint]) -> None:
    folder = artifact.SHIPPED / artifact.EMBEDDER
    texts = [row.text for row in rows[::50]] + ["", "뷁 𠮷 🚒", "가나다 " * 2000]
    quick, slow = encoders.static_encoder(folder), encoders.transformer_encoder(str(folder))
    assert quick(texts) == pytest.approx(slow(texts), abs=1e-5)
    assert quick([]).shape == slow([]).shape == (0, 256)


def test_another_embedder_is_loaded_through_sentence_transformers(engine: Engine) -> None:
    other = load(artifact.SHIPPED, str(artifact.SHIPPED / artifact.EMBEDDER))
    text = "버스가 정류장에 서지 않고 지나갔어요"
    assert other.version == f"{engine.version}+embedder"
    assert one(other, text).services[0][0] == one(engine, text).services[0][0]


def test_an_embedder_of_other_dimensions_is_refused(tmp_path: Path) -> None:
    from model2vec import StaticModel

    folder = artifact.SHIPPED / artifact.EMBEDDER
    StaticModel.from_pretrained(folder, dimensionality=64).save_pretrained(tmp_path)
    with pytest.raises(DimensionMismatch, match="64"):
        load(artifact.SHIPPED, str(tmp_path))


def test_an_unknown_embedder_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        load(artifact.SHIPPED, str(tmp_path / "none"))


def test_loading_and_predicting_import_neither_torch_nor_scikit_learn() -> None:
    script = (
        "import sys; from models import artifact; from models.engine import load;"
        "e = load(artifact.SHIPPED); e.predict(['가로등'], ['web'], e.embed(['가로등']));"
        "print([m for m in ('torch', 'sentence_transformers', 'transformers', 'sklearn')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_loaded_engine_leaves_the_other_cores_to_other_processes() -> None:
    script = (
        "import os; from models import artifact; from models.engine import load;"
        "from threadpoolctl import threadpool_info; load(artifact.SHIPPED);"
        "print({p['num_threads'] for p in threadpool_info() if p['user_api'] == 'blas'} <= {1},"
        " os.environ['TOKENIZERS_PARALLELISM'])"
    )
    plain = {name: said for name, said in os.environ.items() if name != "TOKENIZERS_PARALLELISM"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=plain
    )
    assert done.stdout.strip() == "True false"
