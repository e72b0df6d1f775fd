from __future__ import annotations

import sys
from pathlib import Path

import pytest

from models.errors import ModelError
from models.picture import confusion_picture

PAIRS = [("metro", "metro"), ("metro", "taxi"), ("taxi", "taxi"), ("noise", "taxi")]


def test_the_picture_is_a_png_with_ink(tmp_path: Path) -> None:
    from matplotlib.image import imread

    file = tmp_path / "confusion.png"
    confusion_picture(PAIRS, file)
    pixels = imread(file)
    assert pixels.shape[0] > 300
    assert pixels.min() < 0.5 < pixels.max()


def test_without_matplotlib_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ModelError, match="pip install"):
        confusion_picture(PAIRS, tmp_path / "confusion.png")
