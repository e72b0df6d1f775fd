"""The engine that the house sees: texts to vectors, texts and vectors to predictions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from threadpoolctl import threadpool_limits

from models import artifact as store
from models.classifier import Classifier
from models.encoders import Encoder, static_encoder, transformer_encoder
from models.errors import DimensionMismatch
from models.prediction import Engine, Prediction, Vectors


@dataclass(frozen=True, slots=True)
class TriageEngine:
    """An embedder and the classifier trained on its vectors."""

    version: str
    encoder: Encoder
    classifier: Classifier

    @property
    def dimensions(self) -> int:
        """Width of the vectors that `embed` returns."""
        return self.classifier.dimensions

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One unit vector for each text; a text without any letter gets the first axis.

        Half a surrogate pair, which JSON can carry and UTF-8 cannot, counts as a question mark.
        """
        vectors = self.encoder([text.encode(errors="replace").decode() for text in texts])
        blank = ~vectors.any(axis=1)
        vectors[blank, 0] = 1.0
        return vectors

    def predict(
        self, texts: Sequence[str], channels: Sequence[str], vectors: Vectors
    ) -> list[Prediction]:
        """One prediction for each text; the channel does not weigh in yet."""
        if not len(texts) == len(channels) == len(vectors):
            raise ValueError("texts, channels and vectors differ in length")
        return self.classifier.predict(texts, vectors)


def load(artifact: Path, embedder: str = "") -> Engine:
    """The engine in `artifact`, its files checked against their pinned sha256.

    `embedder` names another sentence-transformers model; the classifier must have been trained on
    its vectors. Raises `ArtifactDamaged`, `DimensionMismatch`, or `ModelError`. From then on the
    process multiplies and tokenizes on one thread.
    """
    _one_thread()
    manifest = store.verify(artifact)
    name = embedder or manifest.embedder
    encoder = transformer_encoder(name) if name else static_encoder(artifact / store.EMBEDDER)
    classifier = store.read_classifier(artifact)
    width = encoder(["가"]).shape[1]
    if width != classifier.dimensions:
        raise DimensionMismatch(
            f"the embedder gives {width} dimensions, the classifier was trained on "
            f"{classifier.dimensions}: train it again with this embedder"
        )
    other = name if name != manifest.embedder else ""
    version = f"{manifest.version}+{Path(other).name}" if other else manifest.version
    return TriageEngine(version, encoder, classifier)


def _one_thread() -> None:
    """No threads beside this one for products nor, if nobody asked for them, for tokenizing.

    A batch's products are small: threads wait for each other longer than they work, and take the
    cores from the other workers meanwhile. More cores are used by more processes.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    threadpool_limits(1, user_api="blas")
