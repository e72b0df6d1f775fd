"""Fits a city pack's thresholds to the model: what `minwon thresholds` does.

Every shipped line is judged by heads that had not seen it or its near-copies, and by a vector that
knows no label of it. Lines written to be hard (`hard_*.jsonl`) take no part: they teach, but a desk
does not hear them in that proportion, and thresholds fitted to them would send too much to people.
Nor do petition titles where alarms are counted: hardly one sounds like an emergency.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from models import complaints
from models.artifact import EMBEDDER, FIGURES, read_json, verify
from models.artifact import restate as restate_artifact
from models.card import TOGETHER, card
from models.complaints import TITLES, Complaint
from models.encoders import static_encoder
from models.errors import ModelError
from models.evaluation import agreement, calibration_error
from models.fitting import Fitted, fit
from models.learning import UNSEEN
from models.prediction import Prediction, Vectors
from models.training import gather
from services.city import CityPack
from services.city.pack import Policy
from services.cli.evaluation import evaluate_lines, owner
from services.cli.offline import triage_with
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


FALSE_ALARMS = 0.02
"""Share of normal lines on which an emergency may be called, at most."""

ALARM_LEVELS = tuple(round(float(level), 2) for level in np.arange(0.06, 0.61, 0.01))

SECTION = re.compile(r"^\[([\w.-]+)\]", re.MULTILINE)
POLICY = {"policy", "policy.agency_thresholds"}
"""Sections of a `pack.toml`, and those that are written anew."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """Shares called emergencies of those that are, of normal lines and of high ones."""

    found: float
    on_normal: float
    on_high: float


@dataclass(frozen=True, slots=True)
class Fit:
    """A policy, how many lines could be and would be routed, and how often rightly.

    `calibration_error` is that of the service's probability on the lines.
    """

    policy: Policy
    lines: int
    routable: int
    routed: int
    routed_right: float
    alarms: Alarms
    calibration_error: float


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
    found = fitted.classifier.predictions(
        {name: head.unseen for name, head in fitted.heads.items()}
    )
    return {
        mask(normalise(row.text)).text: prediction
        for row, prediction in zip(rows, found, strict=True)
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
) -> dict[float, Alarms]:
    """What calling emergencies from each level would do, rules included."""
    finder = EmergencyFinder(pack)
    texts = [mask(normalise(row.text)).text for row in rows]
    ruled = np.array([finder.find(text) is not None for text in texts])
    chance = np.array([known[text].emergency_probability for text in texts])
    urgency = np.array([row.urgency for row in rows])

    def shares(level: float) -> Alarms:
        called = ruled | (chance >= level)
        parts = (called[urgency == u] for u in ("emergency", "normal", "high"))
        return Alarms(*(float(part.mean()) if len(part) else 0.0 for part in parts))

    return {level: shares(level) for level in ALARM_LEVELS}


def quiet_enough(levels: dict[float, Alarms]) -> float:
    """The lowest level with few enough alarms on normal lines, the highest if none has."""
    good = [level for level, found in levels.items() if found.on_normal <= FALSE_ALARMS]
    return min(good, default=max(levels))


def fit_thresholds(pack: CityPack, folder: Path, rows: Sequence[Complaint]) -> Fit:
    """The policy that suits the model in `folder`, and what it comes to on `rows` judged unseen.

    Raises `ModelError` for a model without an embedder of its own and the vectors that know no
    label of their line, or where the rows name no emergency, no normal line or no owner.
    """
    if verify(folder).embedder or not (folder / UNSEEN).exists():
        raise ModelError("thresholds are fitted to a model that holds its own embedder")
    lines = gather(rows, static_encoder(folder / EMBEDDER), folder / UNSEEN)
    known = unseen_predictions(fit(lines), rows)
    plain = [row for row in rows if not complaints.hard(row)]
    some = cases(pack, plain, known)
    if not some or not {"emergency", "normal"} <= {row.urgency for row in plain}:
        raise ModelError("too few lines: no owner, no emergency or no normal line among them")
    levels = alarms(pack, [row for row in plain if complaints.family(row) != TITLES], known)
    policy = fit_policy(some, quiet_enough(levels))
    routed = [case.right for case in some if case.confidence >= policy.threshold(case.agency)]
    return Fit(
        policy=policy,
        lines=len(plain),
        routable=len(some),
        routed=len(routed),
        routed_right=sum(routed) / max(len(routed), 1),
        alarms=levels[policy.emergency_threshold],
        calibration_error=_calibration_error(plain, known),
    )


def _calibration_error(rows: Sequence[Complaint], known: dict[str, Prediction]) -> float:
    first = [known[mask(normalise(row.text)).text].services[0] for row in rows]
    right = [code == row.service for (code, _), row in zip(first, rows, strict=True)]
    return calibration_error([chance for _, chance in first], right)


def as_text(found: Fit) -> str:
    """What was found, and the pack's `[policy]` as it should be."""
    told = found.alarms
    return f"""# of {found.lines} lines {found.routable} could be routed, {found.routed} would be:
# {found.routed_right:.4f} right
# emergencies found {told.found:.3f}
# called on normal lines {told.on_normal:.3f}, on high ones {told.on_high:.3f}
# calibration error {found.calibration_error:.3f}
{policy_section(found.policy)}"""


def policy_section(policy: Policy) -> str:
    """The end of a `pack.toml`."""
    agencies = "\n".join(f"{name} = {level}" for name, level in policy.agency_thresholds.items())
    return f"""[policy] # probabilities, 0 to 1; written by minwon thresholds for one model
route_threshold = {policy.route_threshold}
emergency_threshold = {policy.emergency_threshold}

[policy.agency_thresholds] # agencies with lines enough for their own
{agencies}
"""


def with_policy(text: str, policy: Policy) -> str:
    """A `pack.toml` with this policy for its last section; raises `ModelError` if it is another."""
    sections = list(SECTION.finditer(text))
    names = [section[1] for section in sections]
    if "policy" not in names or set(names[names.index("policy") :]) - POLICY:
        raise ModelError("[policy] must be the last section of pack.toml to be written anew")
    return text[: sections[names.index("policy")].start()] + policy_section(policy)


def restate(found: Fit, pack: CityPack, folder: Path, corpora: Path | None = None) -> None:
    """Put the routing's figures and those of the lines never learned from into the card.

    With the corpora, those of petition titles too.
    """
    unseen = {
        file.stem: complaints.read(file)
        for file in sorted((complaints.DATA / "unseen").glob("*.jsonl"))
    }
    real = complaints.titles(complaints.DATA / TITLES / "unseen.jsonl", corpora) if corpora else []
    parts = unseen | ({TITLES: real} if real else {})
    parts[TOGETHER] = [line for part in parts.values() for line in part]
    known = {name: _on(part, name, pack, folder) for name, part in parts.items()}
    figures = read_json(folder / FIGURES) | {"routing": asdict(found), "unseen": known}
    restate_artifact(folder, figures, card(figures))


def _on(lines: Sequence[Complaint], name: str, pack: CityPack, folder: Path) -> dict[str, Any]:
    """The figures on one file, and how far a second reader of it agrees with its labels."""
    second = agreement(lines, complaints.readings(complaints.DATA / "second" / f"{name}.jsonl"))
    told = {"second_reader": asdict(second)} if second else {}
    return asdict(evaluate_lines(lines, pack, folder, "")[0]) | told
