"""What can go wrong with a model: one class for each thing a caller may want to tell apart."""

from __future__ import annotations


class ModelError(Exception):
    """A model cannot be loaded, trained or used; the message says why and what to do."""


class ArtifactDamaged(ModelError):
    """A file of the artifact is missing, unlisted, or differs from its pinned sha256."""


class DimensionMismatch(ModelError):
    """The embedder's vectors are not as wide as the ones that the classifier was trained on."""
