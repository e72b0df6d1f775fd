"""The artifact on disk: an embedder's folder, the classifier's arrays, and a manifest of sha256.

Only safetensors and JSON: reading it runs no code. `read` refuses a folder in which a file is
missing, changed, or not listed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from models.alarm import Alarm
from models.calibration import narrow
from models.classifier import Classifier, Head
from models.errors import ArtifactDamaged
from models.grams import Grams

SHIPPED = Path(__file__).resolve().parent / "artifact"
MANIFEST = "manifest.json"
EMBEDDER = "embedder"
FIGURES = "figures.json"
CARD = "MODEL_CARD.md"
FORMAT = 4


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an artifact holds. `embedder` names an outside model; empty means the folder's own."""

    version: str
    embedder: str
    files: dict[str, str]
    format: int = FORMAT


def verify(folder: Path) -> Manifest:
    """The manifest, once every file agrees with it; raise `ArtifactDamaged` otherwise."""
    try:
        manifest = Manifest(**read_json(folder / MANIFEST))
    except (OSError, ValueError, TypeError):
        raise ArtifactDamaged(f"{MANIFEST} is missing or unreadable") from None
    if manifest.format != FORMAT:
        raise ArtifactDamaged(f"format {manifest.format} is not the format {FORMAT} known here")
    found = _hashes(folder)
    for name in sorted(found.keys() | manifest.files.keys()):
        if found.get(name) != manifest.files.get(name):
            raise ArtifactDamaged(f"{name} does not agree with {MANIFEST}")
    return manifest


def read_classifier(folder: Path) -> Classifier:
    """The classifier's arrays; weights are widened to float32."""
    from safetensors.numpy import load_file

    arrays = load_file(folder / "classifier.safetensors")
    facts = read_json(folder / "classifier.json")
    return Classifier(
        grams=Grams(arrays["keys"], arrays["rarity"]),
        weights=arrays["weights"] * arrays["steps"],
        biases=arrays["biases"],
        heads={n: Head(tuple(h["labels"]), h["first"]) for n, h in facts["heads"].items()},
        share=facts["share"],
        alarm=Alarm(**facts["alarm"]),
    )


def write_classifier(folder: Path, classifier: Classifier) -> None:
    """Write what `read_classifier` reads; weights are narrowed to a byte each."""
    from safetensors.numpy import save_file

    weights, steps = narrow(classifier.weights)
    arrays: dict[str, NDArray[Any]] = {
        "keys": classifier.grams.keys,
        "rarity": classifier.grams.rarity,
        "weights": weights,
        "steps": steps,
        "biases": classifier.biases,
    }
    save_file(arrays, folder / "classifier.safetensors")
    heads = {name: asdict(head) for name, head in classifier.heads.items()}
    facts = {
        "heads": heads,
        "share": classifier.share,
        "alarm": asdict(classifier.alarm),
    }
    write_json(folder / "classifier.json", facts)


def write_json(file: Path, value: Any) -> None:
    """Readable, stable JSON with a newline at its end."""
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    file.write_text(text + "\n", encoding="utf-8")


def read_json(file: Path) -> Any:
    """The value in a JSON file."""
    return json.loads(file.read_text(encoding="utf-8"))


def replace(folder: Path, fill: Callable[[Path], None], embedder: str = "") -> Manifest:
    """Let `fill` write a new artifact beside `folder`, seal it, and put it in its place.

    The version is the start of a hash over what decides a prediction: not the card or the figures.
    """
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    fill(fresh)
    files = _hashes(fresh)
    deciding = {name: files[name] for name in files if name not in (CARD, FIGURES)}
    digest = hashlib.sha256(json.dumps([embedder, deciding], sort_keys=True).encode()).hexdigest()
    for file in fresh.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    manifest = Manifest(f"static-{digest[:12]}", embedder, files)
    write_json(fresh / MANIFEST, asdict(manifest))
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    return manifest


def restate(folder: Path, figures: Any, card: str) -> None:
    """Put other figures and another card into a sealed artifact; its version stays."""
    manifest = verify(folder)
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(folder, fresh)
    write_json(fresh / FIGURES, figures)
    (fresh / CARD).write_text(card, encoding="utf-8")
    write_json(fresh / MANIFEST, asdict(manifest) | {"files": _hashes(fresh)})
    shutil.rmtree(folder)
    fresh.rename(folder)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.relative_to(folder).as_posix() != MANIFEST
    }
