"""A picture of which service is taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.errors import ModelError


def confusion_picture(pairs: Sequence[tuple[str, str]], file: Path) -> None:
    """Draw the pairs (right service, named service) as a square, rows adding up to one, to a PNG.

    Raises `ModelError` where matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ModelError("the picture needs matplotlib: pip install 'minwon[dev]'") from None
    labels = sorted({label for pair in pairs for label in pair})
    place = {label: at for at, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)))
    for right, named in pairs:
        counts[place[right], place[named]] += 1
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = max(4.0, 0.22 * len(labels))
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.add_subplot()
    picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=7)
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set(xlabel="service named", ylabel="right service")
    figure.colorbar(picture, shrink=0.6, label="share of the row")
    figure.savefig(file, dpi=120)
