"""Measures whole triage on labelled lines: the models, the place, the owner, the policy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.complaints import DATA, Complaint, read_all
from models.evaluation import Report
from models.evaluation import evaluate as evaluate_model
from models.picture import confusion_picture
from models.prediction import Prediction
from services.city import CityPack
from services.city.pack import RoadClass
from services.cli.offline import triage_rows
from services.triage.place import Place
from services.triage.rules import find_owner
from services.triage.triage import Triaged


@dataclass(frozen=True, slots=True)
class TriageReport:
    """Shares in 0..1; a share of nothing is 0.

    `coverage` is the share whose owner no person must settle, `routed_right` how many of those went
    to the agency that the labels give by the owner rules. An emergency whose owner is in doubt is
    told at once and waits for a person, so it is none of them. `alarms_on_normal` is the share of
    lines of normal urgency that were called emergencies; the model's `false_alarms` count high ones
    too. `placed` counts the lines that name a district, `trained_on` those that stand in the
    shipped training set: the model has seen their labels, and its figures on them flatter it.
    """

    model: Report
    agency_right: float
    district_precision: float
    district_recall: float
    coverage: float
    routed_right: float
    alarms_on_normal: float
    placed: int
    trained_on: int


Pairs = Sequence[tuple[str, str]]
"""The right service of each line, and the first one that triage named."""


def evaluate_lines(
    gold: Sequence[Complaint], pack: CityPack, model: Path, embedder: str
) -> tuple[TriageReport, Pairs]:
    """Triage labelled lines and compare."""
    rows = [{"text": line.text, "channel": line.channel} for line in gold]
    found = triage_rows(rows, pack, model, embedder)
    pairs = [(line.service, result.service) for line, result in zip(gold, found, strict=True)]
    return compare(gold, found, pack), pairs


def write(report: TriageReport, pairs: Pairs, folder: Path) -> None:
    """Write `figures.json` and `confusion.png`; raises `ModelError` without matplotlib."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_json(report), ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "figures.json").write_text(text + "\n", encoding="utf-8")
    confusion_picture(pairs, folder / "confusion.png")


def compare(gold: Sequence[Complaint], found: Sequence[Triaged], pack: CityPack) -> TriageReport:
    pairs = list(zip(gold, found, strict=True))
    settled = [(line, result) for line, result in pairs if not result.doubtful]
    known = {line.text for line in read_all(DATA / "complaints")}
    return TriageReport(
        trained_on=sum(line.text in known for line in gold),
        model=evaluate_model(gold, [_prediction(result) for result in found]),
        agency_right=_share(owner(line, pack) == result.agency for line, result in pairs),
        district_precision=_share(
            line.district == result.district for line, result in pairs if result.district
        ),
        district_recall=_share(
            line.district == result.district for line, result in pairs if line.district
        ),
        coverage=len(settled) / len(pairs),
        routed_right=_share(owner(line, pack) == result.agency for line, result in settled),
        placed=sum(line.district is not None for line in gold),
        alarms_on_normal=_share(
            result.decision == "emergency" for line, result in pairs if line.urgency == "normal"
        ),
    )


def as_json(report: TriageReport) -> dict[str, Any]:
    return asdict(report)


def as_table(report: TriageReport) -> str:
    model = report.model
    rows = [
        ("lines", f"{model.lines}"),
        ("of these, trained on", f"{report.trained_on}"),
        ("service top-1", f"{model.service_top1:.3f}"),
        ("service top-3", f"{model.service_top3:.3f}"),
        ("service macro-F1", f"{model.service_macro_f1:.3f}"),
        ("calibration error", f"{model.calibration_error:.3f}"),
        ("the same by chance", f"{model.calibration_by_chance:.3f}"),
        ("kind", f"{model.kind_accuracy:.3f}"),
        ("urgency", f"{model.urgency_accuracy:.3f}"),
        ("emergencies found", f"{model.emergency_recall:.3f} of {model.emergencies}"),
        ("false alarms", f"{model.false_alarms:.3f}"),
        ("false on normal lines", f"{report.alarms_on_normal:.3f}"),
        ("district precision", f"{report.district_precision:.3f}"),
        ("district recall", f"{report.district_recall:.3f}"),
        ("agency right", f"{report.agency_right:.3f}"),
        ("owner settled", f"{report.coverage:.3f}"),
        ("of these, agency right", f"{report.routed_right:.3f}"),
    ]
    rows += [
        (f"{name} top-1", f"{part.top1:.3f} of {part.lines}")
        for name, part in model.channels.items()
    ]
    return "\n".join(f"{name:<24}{value:>16}" for name, value in rows)


def _prediction(result: Triaged) -> Prediction:
    """What triage made of the models' word, in the form that the models' figures are taken of."""
    return Prediction(result.services, result.kind, 1.0, result.urgency, 0.0)


def owner(line: Complaint, pack: CityPack) -> str | None:
    """The agency that the owner rules give for a line's labels."""
    road_class: RoadClass | None = (
        "arterial" if line.road_class == "arterial" else "local" if line.road_class else None
    )
    place = Place(district=line.district, road_class=road_class)
    return find_owner(pack, line.service, place).agency


def _share(hits: Iterable[bool]) -> float:
    hits = list(hits)
    return sum(hits) / len(hits) if hits else 0.0
