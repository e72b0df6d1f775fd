"""Loading an embedder: a static folder through model2vec, anything else through torch.

model2vec reads a static folder in a fifth of a second; importing sentence-transformers takes
seconds and hundreds of megabytes. Both give equal vectors for one folder; a test holds them so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from models.errors import ModelError
from models.prediction import Vectors

Encoder = Callable[[Sequence[str]], Vectors]
"""Texts to vectors of shape (texts, dimensions); rows are unit or, for no pieces, zero."""


def static_encoder(folder: Path) -> Encoder:
    """The static model in `folder`, widened to float32, without torch."""
    from model2vec import StaticModel

    model = StaticModel.from_pretrained(
        folder, normalize=True, max_length=None, force_download=False
    )
    model.embedding = model.embedding.astype(np.float32)
    width = model.dim

    def encode(texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, width), dtype=np.float32)
        vectors: Vectors = model.encode(list(texts), use_multiprocessing=False)
        return vectors

    return encode


def transformer_encoder(name: str) -> Encoder:
    """Any sentence-transformers model, by folder or by name, on one torch thread of the CPU."""
    try:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)
        model = SentenceTransformer(name, device="cpu").float()
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"the embedder cannot be loaded: {type(error).__name__}") from error
    width = int(model.get_embedding_dimension() or 0)

    def encode(texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, width), dtype=np.float32)
        vectors: Vectors = model.encode(
            list(texts), normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return vectors

    return encode
