"""Fits a city pack's thresholds to the model: `python -m services.cli.thresholds`.

Every shipped line is judged by heads that had not seen it or its near-copies, and by a vector that
knows no label of it, so what is printed may be put into the pack's `[policy]`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models import complaints
from models.artifact import EMBEDDER
from models.complaints import Complaint
from models.encoders import static_encoder
from models.fitting import Fitted, fit
from models.learning import UNSEEN
from models.prediction import Prediction, Vectors
from models.training import gather
from services.city import CityPack
from services.city.pack import Policy
from services.cli.evaluation import owner
from services.cli.offline import triage_with
from services.cli.surroundings import city_pack, model
from services.intake.masking import mask
from services.intake.normalise import normalise
from services.triage.emergency import EmergencyFinder
from services.triage.triage import Triage

PRECISION = 0.955
"""Share of cases routed without a person that must be right: the goal .95 and a margin."""

LEVELS = tuple(round(float(level), 3) for level in np.arange(0.5, 0.951, 0.025))
"""Levels tried: from even odds up to where hardly a case is left."""

FEWEST = 40
"""An agency with fewer lines keeps the default threshold."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """An engine that knows its predictions by heart."""

    known: dict[str, Prediction]
    version: str = "unseen"
    dimensions: int = 1

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.ones((len(texts), 1), dtype=np.float32)

    def predict(
        self, texts: Sequence[str], channels: Sequence[str], vectors: Vectors
    ) -> list[Prediction]:
        return [self.known[text] for text in texts]


@dataclass(frozen=True, slots=True)
class Case:
    """A line that could be routed: to whom, how surely, and whether that is right."""

    agency: str
    confidence: float
    right: bool


def unseen_predictions(fitted: Fitted, rows: Sequence[Complaint]) -> dict[str, Prediction]:
    """By masked text, what heads that had not seen the line say of it."""
    return {
        mask(normalise(row.text)).text: fitted.classifier.prediction(
            {name: head.unseen[at] for name, head in fitted.heads.items()}
        )
        for at, row in enumerate(rows)
    }


def cases(pack: CityPack, rows: Sequence[Complaint], known: dict[str, Prediction]) -> list[Case]:
    """The lines that nothing but their confidence could keep from being routed."""
    eager = replace(pack, policy=replace(pack.policy, route_threshold=0.0, agency_thresholds={}))
    found = triage_with(
        Triage(eager, Recalled(known)), ({"text": r.text, "channel": r.channel} for r in rows)
    )
    return [
        Case(result.agency, result.confidence, result.agency == owner(row, pack))
        for row, result in zip(rows, found, strict=True)
        if result.decision == "route" and result.agency
    ]


def lowest(some: Sequence[Case], precision: float = PRECISION) -> float:
    """The lowest level from which on this share of the cases is right, the highest if none is."""
    for level in LEVELS:
        routed = [case.right for case in some if case.confidence >= level]
        if routed and sum(routed) / len(routed) >= precision:
            return level
    return LEVELS[-1]


def fit_policy(some: Sequence[Case], emergency_threshold: float) -> Policy:
    """One level for all, and for each agency with lines enough its own."""
    by_agency = defaultdict(list)
    for case in some:
        by_agency[case.agency].append(case)
    own = {name: lowest(part) for name, part in by_agency.items() if len(part) >= FEWEST}
    default = lowest(some)
    return Policy(default, emergency_threshold, {n: own[n] for n in sorted(own)})


def alarms(
    pack: CityPack, rows: Sequence[Complaint], known: dict[str, Prediction]
) -> dict[float, tuple[float, float, float]]:
    """By level: emergencies found, alarms on normal lines, alarms on high ones, rules included."""
    finder = EmergencyFinder(pack)
    texts = [mask(normalise(row.text)).text for row in rows]
    ruled = np.array([finder.find(text) is not None for text in texts])
    chance = np.array([known[text].emergency_probability for text in texts])
    urgency = np.array([row.urgency for row in rows])

    def shares(level: float) -> tuple[float, float, float]:
        called = ruled | (chance >= level)
        found = (float(called[urgency == u].mean()) for u in ("emergency", "normal", "high"))
        return next(found), next(found), next(found)

    return {level: shares(level) for level in (*np.arange(0.06, 0.52, 0.02).round(2), 1.1)}


def main() -> None:
    """Print what was found; changes nothing."""
    pack, (folder, _) = city_pack(), model()
    rows = complaints.read_all(complaints.DATA / "complaints")
    lines = gather(rows, static_encoder(folder / EMBEDDER), folder / UNSEEN)
    known = unseen_predictions(fit(lines), rows)
    print("emergencies from / found / alarms on normal lines / on high ones")
    for level, shares in alarms(pack, rows, known).items():
        print(f"  {level:.2f}", *(f"{share:.3f}" for share in shares))
    some = cases(pack, rows, known)
    policy = fit_policy(some, pack.policy.emergency_threshold)
    for name, tried in (("the pack's thresholds", pack.policy), ("fitted thresholds", policy)):
        routed = [case for case in some if case.confidence >= tried.threshold(case.agency)]
        right = sum(case.right for case in routed) / len(routed)
        print(f"{name}: {len(routed)} of {len(some)} routed ({len(rows)} lines), {right:.4f} right")
    print(f"route_threshold = {policy.route_threshold}")
    print("[policy.agency_thresholds]")
    for agency, level in policy.agency_thresholds.items():
        print(f"{agency} = {level}")


if __name__ == "__main__":
    main()
