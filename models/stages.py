"""Steps of training kept on disk, so that a training cut short goes on where it stopped.

A step's file is named by a hash over all that it depends on: another recipe, other lines or other
corpora give another name, and the old file is not taken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.artifact import read_json, write_json
from models.progress import Progress

STEPS_VERSION = 3
"""Raise it when the code of a step changes what it makes."""


@dataclass(frozen=True, slots=True)
class Stages:
    """Finished steps in `folder`."""

    folder: Path
    progress: Progress

    def arrays(self, name: str, inputs: object, make: Callable[[], dict[str, Any]]) -> Any:
        """What `make` returns, a dictionary of arrays, or what it returned for these inputs."""
        from safetensors.numpy import load_file, save_file

        file = self._file(name, inputs, "safetensors")
        if not file.exists():
            save_file(make(), _unfinished(file))
            _unfinished(file).rename(file)
        return load_file(file)

    def facts(self, name: str, inputs: object, make: Callable[[], Any]) -> Any:
        """The same for whatever JSON can hold."""
        file = self._file(name, inputs, "json")
        if not file.exists():
            write_json(_unfinished(file), make())
            _unfinished(file).rename(file)
        return read_json(file)

    def _file(self, name: str, inputs: object, kind: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{name}-{fingerprint([STEPS_VERSION, name, inputs])}.{kind}"
        self.progress.say(f"{name}: done before" if file.exists() else name)
        return file


def fingerprint(value: object) -> str:
    """Sixteen hexadecimal digits that stand for a value of plain JSON."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def of_texts(texts: Sequence[str]) -> str:
    """One hash for many texts, in order."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode(errors="surrogatepass") + b"\0")
    return digest.hexdigest()[:16]


def _unfinished(file: Path) -> Path:
    return file.with_name("unfinished-" + file.name)
