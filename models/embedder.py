"""The static sentence embedder: one vector for each word piece, a text is the mean of its pieces.

Vectors start from the pieces' company (PPMI and a truncated SVD: Levy, Goldberg and Dagan 2015),
rare pieces weigh more than common ones (SIF: Arora, Liang and Ma 2017), and are then tuned so that
sentences of one meaning fall together, some of them written as a speech recogniser would.
The folder written is both a sentence-transformers and a model2vec model.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.corpora import Pair, ScoredPair
from models.noise import noisy
from models.progress import Progress

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an embedder is trained."""

    vocabulary: int = 28_000
    dimensions: int = 256
    window: int = 5
    batch: int = 512
    warm_up_rounds: int = 1
    rounds: int = 5
    service_rounds: int = 2
    scored_repeats: int = 3
    learning_rate: float = 0.0015
    scale: float = 30.0
    order_scale: float = 5.0
    """What cosines are multiplied with before their order is compared: softer than CoSENT's 20."""
    noise: float = 0.3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Lessons:
    """What the vectors are tuned on: pairs on one topic first, then pairs of one meaning."""

    topics: Sequence[Pair]
    meanings: dict[str, list[Pair]]
    scored: Sequence[ScoredPair] = ()


def initial_vectors(tokenizer: Tokenizer, texts: Sequence[str], recipe: Recipe) -> Array:
    """Shape (pieces, dimensions): PPMI + SVD of the pieces' company, scaled by rarity."""
    from sklearn.utils.extmath import randomized_svd

    ids, owners = _pieces(tokenizer, texts)
    size = tokenizer.get_vocab_size()
    matrix = _ppmi(ids, owners, size, recipe.window)
    left, weights, _ = randomized_svd(
        matrix, recipe.dimensions, n_oversamples=16, n_iter=4, random_state=recipe.seed
    )
    vectors = left * np.sqrt(weights)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-6
    share = np.bincount(ids, minlength=size) / len(ids)
    return np.asarray(vectors * (1e-3 / (1e-3 + share))[:, None], dtype=np.float32)


def tune(
    tokenizer: Tokenizer,
    vectors: Array,
    lessons: Lessons,
    recipe: Recipe,
    progress: Progress,
    what: str = "tuning",
) -> Array:
    """Tuned vectors of the same shape; torch is set to one thread, so a seed gives one result.

    Pairs of one meaning fall together and away from the rest of their batch (Henderson et al.
    2017, multiple negatives ranking); scored pairs take the order of their scores (CoSENT).
    """
    import torch
    from torch.nn import functional

    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    dice = random.Random(recipe.seed)  # noqa: S311
    table = torch.nn.Parameter(torch.tensor(vectors))

    def embed(texts: Sequence[str]) -> torch.Tensor:
        heard = [noisy(text, dice) if dice.random() < recipe.noise else text for text in texts]
        found = [e.ids for e in tokenizer.encode_batch_fast(heard, add_special_tokens=False)]
        starts = np.cumsum([0, *(len(ids) for ids in found[:-1])])
        ids = torch.tensor(list(chain.from_iterable(found)), dtype=torch.long)
        bags = functional.embedding_bag(ids, table, torch.from_numpy(starts), mode="mean")
        return functional.normalize(bags, dim=1)

    steps = _plan(lessons, recipe)
    optimizer = torch.optim.Adam([table], lr=recipe.learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.learning_rate, total_steps=len(steps), pct_start=0.1
    )
    for first, second, scores in progress.each(steps, what):
        cosines = embed(first) @ embed(second).T
        if scores:
            loss = _order(cosines.diagonal() * recipe.order_scale, torch.tensor(scores))
        else:
            loss = functional.cross_entropy(cosines * recipe.scale, torch.arange(len(first)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return np.asarray(table.detach().numpy(), dtype=np.float32)


def _order(cosines: Any, scores: Any) -> Any:
    """CoSENT's loss (Su 2022): every pair that scores lower must also lie further apart."""
    import torch

    wrong = cosines[:, None] - cosines[None, :]
    wrong = wrong[scores[:, None] < scores[None, :]]
    return torch.logsumexp(torch.cat([torch.zeros(1), wrong]), dim=0)


def save(folder: Path, tokenizer: Tokenizer, vectors: Array) -> None:
    """Write `folder` so that model2vec and sentence-transformers both read it; float16 inside."""
    from model2vec.persistence import save_pretrained

    tokenizer.no_padding()
    tokenizer.no_truncation()
    save_pretrained(
        folder,
        embeddings=vectors.astype(np.float16),
        tokenizer=tokenizer,
        config={"normalize": True, "max_length": None},
        create_model_card=False,
    )


def _pieces(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[NDArray[np.int32], ...]:
    """All piece ids one after the other, and for each the number of its text."""
    ids, lengths = [], []
    for start in range(0, len(texts), 20_000):
        for encoding in tokenizer.encode_batch_fast(
            texts[start : start + 20_000], add_special_tokens=False
        ):
            ids.append(np.asarray(encoding.ids, dtype=np.int32))
            lengths.append(len(encoding.ids))
    return np.concatenate(ids), np.repeat(np.arange(len(texts), dtype=np.int32), lengths)


def _ppmi(ids: NDArray[np.int32], owners: NDArray[np.int32], size: int, window: int) -> object:
    """Positive pointwise mutual information, contexts smoothed by the power 0.75; sparse."""
    from scipy.sparse import coo_matrix, csr_matrix

    counts = csr_matrix((size, size), dtype=np.float32)
    for distance in range(1, window + 1):
        same = owners[:-distance] == owners[distance:]
        left, right = ids[:-distance][same], ids[distance:][same]
        weight = np.full(len(left), 1.0 / distance, dtype=np.float32)
        counts = counts + coo_matrix((weight, (left, right)), shape=(size, size)).tocsr()
    counts = (counts + counts.T).tocoo()
    rows = np.asarray(counts.sum(axis=1)).ravel()
    smooth = rows**0.75
    expected = rows[counts.row] * (smooth / smooth.sum())[counts.col]
    information = np.log(np.maximum(counts.data, 1e-9) / np.maximum(expected, 1e-9))
    kept = information > 0
    return coo_matrix(
        (information[kept].astype(np.float32), (counts.row[kept], counts.col[kept])),
        shape=(size, size),
    ).tocsr()


def _plan(lessons: Lessons, recipe: Recipe) -> list[tuple[list[str], list[str], list[float]]]:
    """Every batch to take, in order; a batch holds pairs of one source only."""
    dice = random.Random(recipe.seed)  # noqa: S311
    plan = []
    for _ in range(recipe.warm_up_rounds):
        plan += _batches(lessons.topics, recipe.batch, dice)
    for _ in range(recipe.rounds):
        turn = [
            b for pairs in lessons.meanings.values() for b in _batches(pairs, recipe.batch, dice)
        ]
        scored = [((p.first, p.second), p.score) for p in lessons.scored]
        dice.shuffle(scored)
        for start in range(0, len(scored), recipe.batch):
            part = scored[start : start + recipe.batch]
            turn.append(([p[0] for p, _ in part], [p[1] for p, _ in part], [s for _, s in part]))
        dice.shuffle(turn)
        plan += turn
    return plan


def _batches(
    pairs: Sequence[Pair], size: int, dice: random.Random
) -> list[tuple[list[str], list[str], list[float]]]:
    order = dice.sample(range(len(pairs)), len(pairs))
    cut = [order[start : start + size] for start in range(0, len(order), size)]
    return [([pairs[i][0] for i in part], [pairs[i][1] for i in part], []) for part in cut]
