"""Learning the shipped embedder: the language first, then the services of this desk.

Vectors tuned on labels know them, and a classifier trained on such vectors would trust them too
much. So each line also gets the vector that an embedder tuned without its fold gives it; all the
embedders start from the same general vectors, which keeps their spaces close.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from models import corpora, tokens
from models.artifact import EMBEDDER
from models.calibration import grouped_folds
from models.complaints import Complaint
from models.embedder import Array, Lessons, Progress, Recipe, initial_vectors, save, tune
from models.errors import ModelError
from models.prediction import Vectors

UNSEEN = "unseen.safetensors"
VOCABULARY_TEXTS = 200_000
PARTNERS = 6


def learn_embedder(
    folder: Path,
    corpora_folder: Path,
    rows: Sequence[Complaint],
    groups: Sequence[int],
    recipe: Recipe,
    progress: Progress,
) -> None:
    """Write the embedder learned from the corpora and `rows`, and the lines' unseen vectors.

    Raises `ModelError` if `corpora_folder` holds no corpus.
    """
    sentences = corpora.sentences(corpora_folder)
    if not sentences:
        raise ModelError("no corpus was found: see the model card for their names")
    own = [row.text for row in rows]
    progress(f"learning the vocabulary from {len(sentences)} sentences")
    dice = random.Random(recipe.seed)  # noqa: S311
    sample = dice.sample(sentences, min(VOCABULARY_TEXTS, len(sentences)))
    tokenizer = tokens.learn([*sample, *own * 5], recipe.vocabulary)
    progress("learning the first vectors")
    texts = [*sentences, *own * 3]
    first = initial_vectors(tokenizer, texts, recipe)
    lessons = Lessons(
        topics=corpora.halves(texts, recipe.seed),
        meanings=corpora.paraphrases(corpora_folder, recipe.seed) | {"own halves": _halves(own)},
        scored=corpora.sts(corpora_folder, "train") * recipe.scored_repeats,
    )
    general = tune(tokenizer, first, lessons, recipe, progress)
    progress("learning the services")
    save(folder / EMBEDDER, tokenizer, _specialised(tokenizer, general, lessons, rows, recipe))
    unseen = np.zeros((len(rows), recipe.dimensions), dtype=np.float32)
    for seen, held_out in grouped_folds([row.service for row in rows], groups, seed=recipe.seed):
        progress(f"learning the services without {len(held_out)} lines")
        part = [rows[i] for i in seen]
        vectors = _specialised(tokenizer, general, lessons, part, recipe)
        unseen[held_out] = _embed(tokenizer, vectors, [own[i] for i in held_out])
    _save_unseen(folder / UNSEEN, own, unseen)


def with_unseen(file: Path, texts: Sequence[str], vectors: Vectors) -> Vectors:
    """`vectors`, but for texts that the embedder learned from, those kept in `file`."""
    from safetensors.numpy import load_file

    if not file.exists():
        return vectors
    kept = load_file(file)
    place = {key: at for at, key in enumerate(kept["keys"].tolist())}
    chosen = vectors.copy()
    for at, text in enumerate(texts):
        if (known := place.get(_key(text))) is not None:
            chosen[at] = kept["vectors"][known]
    return chosen


def _specialised(
    tokenizer: Tokenizer,
    general: Array,
    lessons: Lessons,
    rows: Sequence[Complaint],
    recipe: Recipe,
) -> Array:
    """General vectors tuned on, so that lines of one service fall together."""
    pairs = corpora.same_label(
        [row.text for row in rows], [row.service for row in rows], PARTNERS, recipe.seed
    )
    meanings = {name: some for name, some in lessons.meanings.items() if name != "own halves"}
    special = Lessons((), meanings | {"services": pairs}, lessons.scored)
    short = replace(recipe, rounds=recipe.service_rounds)
    return tune(tokenizer, general, special, short, lambda _: None)


def _halves(own: Sequence[str]) -> list[corpora.Pair]:
    return [pair for seed in range(PARTNERS) for pair in corpora.halves(list(own), seed)]


def _embed(tokenizer: Tokenizer, vectors: Array, texts: list[str]) -> Vectors:
    from model2vec import StaticModel

    model = StaticModel(vectors, tokenizer, normalize=True, max_length=None)
    return np.asarray(model.encode(texts, use_multiprocessing=False), dtype=np.float32)


def _save_unseen(file: Path, texts: Sequence[str], vectors: Vectors) -> None:
    from safetensors.numpy import save_file

    keys = np.array([_key(text) for text in texts], dtype=np.uint64)
    save_file({"keys": keys, "vectors": vectors.astype(np.float16)}, file)


def _key(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
