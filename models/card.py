"""The model card: written from the measured figures, never by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from models.corpora import LICENCES

Figures = dict[str, Any]


def card(figures: Figures) -> str:
    """Markdown for the figures that training returned."""
    parts = [
        _head(figures),
        _embedder(figures["embedder"]),
        _dev(figures),
        _files(figures),
        _data(),
    ]
    return "\n\n".join(parts) + "\n"


def _head(figures: Figures) -> str:
    return f"""# Model card

This file is written by `minwon train` from `figures.json`.

The model reads one Korean civil complaint and gives its service (57), kind (7) and urgency (3)
with calibrated probabilities, and a unit vector for finding similar cases. It decides no owner:
that is the city pack's rules. It has learned from {figures["lines"]} lines written for this
project; none is a real caller's. An emergency is called from a probability of
{figures["emergency_from"]:.2f}.

It is not fit to be the only judge of an emergency, to rate persons, or for a language other than
Korean. The lines speak of one city: names of places elsewhere mean nothing to it."""


def _embedder(embedder: Figures) -> str:
    if "name" in embedder:
        text = f"Vectors come from another model, `{embedder['name']}`, which is not part of this."
    else:
        recipe = embedder["recipe"]
        text = (
            f"A static model: {recipe['vocabulary']} word pieces, {recipe['dimensions']} "
            "dimensions, a text is the mean of its pieces. Tokenizer and vectors were trained "
            "here, last on pairs of complaints of one service, the dev lines left out."
        )
    found = embedder.get("korsts_dev_spearman")
    line = f"\n\nSpearman on KorSTS dev: {found:.3f}." if found is not None else ""
    return f"## Embedder\n\n{text}{line}"


def _dev(figures: Figures) -> str:
    dev = figures["dev"]
    rows = [
        ("Service, first", dev["service_top1"]),
        ("Service, among three", dev["service_top3"]),
        ("Service, macro F1", dev["service_macro_f1"]),
        ("Kind", dev["kind_accuracy"]),
        ("Urgency", dev["urgency_accuracy"]),
        (f"Emergencies found (of {dev['emergencies']})", dev["emergency_recall"]),
        ("Other lines called emergencies", dev["false_alarms"]),
        ("Expected calibration error of the service", dev["calibration_error"]),
    ]
    return f"""## On the dev lines

{dev["lines"]} lines held out by groups of near-copies (`models/data/dev_ids.txt`), measured with an
embedder and a classifier that had not seen them. The classifier shipped has learned from these
lines too, so it must not be measured on them again.

{_table(("Figure", "Value"), ((name, f"{value:.3f}") for name, value in rows))}

{_slices("Channel", dev["channels"])}

{_slices("Service", dev["services"])}"""


def _files(figures: Figures) -> str:
    rows = [
        (name, str(part["lines"]), f"{part['service_top1']:.3f}", f"{part['service_top3']:.3f}")
        for name, part in figures["held_out_files"].items()
    ]
    return f"""## Each source file held out in turn

The classifier had not seen the file. The embedder had seen labels of it, though never a line's own.

{_table(("File", "Lines", "First", "Among three"), rows)}"""


def _data() -> str:
    rows = [("Complaints written for this project (`models/data/complaints`)", "the project's own")]
    return f"""## Training data

The embedder's weights are derived from CC BY-SA 4.0 data, among others, named here as it asks.
Only the complaints are part of the repository.

{_table(("Data", "Licence"), [*rows, *LICENCES.items()])}"""


def _slices(title: str, slices: Figures) -> str:
    rows = ((name, str(part["lines"]), f"{part['top1']:.3f}") for name, part in slices.items())
    return _table((title, "Lines", "First"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
