"""Learning the shipped embedder: the language first, then the services of this desk.

Vectors tuned on labels know them, and a classifier trained on such vectors would trust them too
much. So each line also gets the vector that an embedder tuned without its fold gives it; all the
embedders start from the same general vectors, which keeps their spaces close.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models import corpora, tokens
from models.artifact import EMBEDDER
from models.calibration import grouped_folds
from models.complaints import Complaint
from models.embedder import Array, Lessons, Recipe, initial_vectors, save, tune
from models.errors import ModelError
from models.prediction import Vectors
from models.stages import Stages, fingerprint, of_texts

UNSEEN = "unseen.safetensors"
VOCABULARY_TEXTS = 200_000
PARTNERS = 6


def learn_embedder(
    folder: Path,
    corpora_folder: Path,
    rows: Sequence[Complaint],
    groups: Sequence[int],
    recipe: Recipe,
    stages: Stages,
) -> None:
    """Write the embedder learned from the corpora and `rows`, and the lines' unseen vectors.

    Raises `ModelError` if there is no corpus, or for an odd number of dimensions.
    """
    if recipe.dimensions % 2:
        raise ModelError("an even number of dimensions is needed: two share a byte")
    sentences = corpora.sentences(corpora_folder)
    if not sentences:
        raise ModelError("no corpus was found: see the model card for their names")
    own = [row.text for row in rows]
    lessons = _lessons(corpora_folder, sentences, own, recipe)
    said = [recipe.vocabulary, recipe.seed, of_texts(sentences), of_texts(own)]
    tokenizer = _tokenizer(sentences, own, recipe, stages, said)
    texts = [*sentences, *own * 3]
    first = stages.arrays(
        "first vectors",
        [said, recipe.dimensions, recipe.window],
        lambda: {"vectors": initial_vectors(tokenizer, texts, recipe)},
    )["vectors"]
    taught = [said, asdict(recipe)]
    general = stages.arrays(
        "language",
        taught,
        lambda: {"vectors": tune(tokenizer, first, lessons, recipe, stages.progress, "language")},
    )["vectors"]
    desk = Desk(tokenizer, general, lessons, recipe, stages)
    key = fingerprint([taught, of_texts([row.service for row in rows])])
    final = stages.arrays("services", key, lambda: {"vectors": desk.learn(rows)})["vectors"]
    save(folder / EMBEDDER, tokenizer, final)
    unseen = np.zeros((len(rows), recipe.dimensions), dtype=np.float32)
    folds = grouped_folds([row.service for row in rows], groups, seed=recipe.seed)
    for number, (seen, held_out) in enumerate(folds, start=1):
        found = stages.arrays(
            f"services without part {number}",
            [key, held_out.tolist()],
            partial(desk.without, rows, seen, held_out),
        )
        unseen[held_out] = found["lines"]
    _save_unseen(folder / UNSEEN, own, unseen)


def with_unseen(file: Path, texts: Sequence[str], vectors: Vectors) -> Vectors:
    """`vectors`, but for texts that the embedder learned from, those kept in `file`; unit rows."""
    from safetensors.numpy import load_file

    if not file.exists():
        return vectors
    kept = load_file(file)
    place = {key: at for at, key in enumerate(kept["keys"].tolist())}
    chosen = vectors.copy()
    for at, text in enumerate(texts):
        if (known := place.get(_key(text))) is not None:
            chosen[at] = unit(_unpacked(kept["vectors"][known]))
    return chosen


def unit(vectors: Vectors) -> Vectors:
    """Each row at length one; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    rows: Vectors = vectors / np.maximum(lengths, np.float32(1e-9))
    return rows


@dataclass(frozen=True, slots=True)
class Desk:
    """General vectors, and what is needed to tune them to the services of some lines."""

    tokenizer: Tokenizer
    general: Array
    lessons: Lessons
    recipe: Recipe
    stages: Stages

    def learn(self, rows: Sequence[Complaint]) -> Array:
        """Vectors tuned on, so that lines of one service fall together."""
        pairs = corpora.same_label(
            [row.text for row in rows], [row.service for row in rows], PARTNERS, self.recipe.seed
        )
        kept = {name: some for name, some in self.lessons.meanings.items() if name != "own halves"}
        special = Lessons((), kept | {"services": pairs}, self.lessons.scored)
        short = replace(self.recipe, rounds=self.recipe.service_rounds)
        progress = self.stages.progress
        return tune(self.tokenizer, self.general, special, short, progress, "services")

    def without(
        self,
        rows: Sequence[Complaint],
        seen: NDArray[np.int64],
        held_out: NDArray[np.int64],
    ) -> dict[str, Array]:
        """Vectors of the lines `held_out`, learned from the others."""
        vectors = self.learn([rows[i] for i in seen])
        return {"lines": _embed(self.tokenizer, vectors, [rows[i].text for i in held_out])}


def _lessons(corpora_folder: Path, sentences: list[str], own: list[str], recipe: Recipe) -> Lessons:
    halves = [pair for seed in range(PARTNERS) for pair in corpora.halves(own, seed)]
    return Lessons(
        topics=corpora.halves([*sentences, *own * 3], recipe.seed),
        meanings=corpora.paraphrases(corpora_folder, recipe.seed) | {"own halves": halves},
        scored=corpora.sts(corpora_folder, "train") * recipe.scored_repeats,
    )


def _tokenizer(
    sentences: list[str], own: list[str], recipe: Recipe, stages: Stages, key: object
) -> Tokenizer:
    dice = random.Random(recipe.seed)  # noqa: S311
    sample = dice.sample(sentences, min(VOCABULARY_TEXTS, len(sentences)))
    found = stages.facts(
        "vocabulary",
        key,
        lambda: json.loads(tokens.learn([*sample, *own * 5], recipe.vocabulary).to_str()),
    )
    return Tokenizer.from_str(json.dumps(found))


def _embed(tokenizer: Tokenizer, vectors: Array, texts: list[str]) -> Vectors:
    from model2vec import StaticModel

    model = StaticModel(vectors, tokenizer, normalize=True, max_length=None)
    return np.asarray(model.encode(texts, use_multiprocessing=False), dtype=np.float32)


def _save_unseen(file: Path, texts: Sequence[str], vectors: Vectors) -> None:
    from safetensors.numpy import save_file

    keys = np.array([_key(text) for text in texts], dtype=np.uint64)
    save_file({"keys": keys, "vectors": _packed(vectors)}, file)


def _packed(vectors: Vectors) -> NDArray[np.uint8]:
    """Half a byte for each number: 1 to 15, a row's largest at an end, its root in whole steps.

    Only a row's direction counts: its cosine with what is read again is .98 or more.
    """
    largest = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), np.float32(1e-9))
    steps = np.rint(np.sign(vectors) * np.sqrt(np.abs(vectors) / largest) * 7)
    halves = (steps + 8).astype(np.uint8)
    packed: NDArray[np.uint8] = halves[:, ::2] << 4 | halves[:, 1::2]
    return packed


def _unpacked(row: NDArray[np.uint8]) -> Vectors:
    steps = np.stack([row >> 4, row & 15], axis=1).ravel().astype(np.float32) - 8
    vector: Vectors = np.sign(steps) * steps**2
    return vector


def _key(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
