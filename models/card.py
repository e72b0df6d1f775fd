"""The model card: written from the measured figures, never by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from models.corpora import LICENCES

Figures = dict[str, Any]

LIMITS = """## Limits

- Every complaint was written for this project. No real caller's words were used, so figures on
  them say how well the model reads what its authors imagined; a city's own calls will differ.
- The only words of real citizens are petition titles, which are short, written, addressed to the
  national government, and labelled by a language model.
- Most lines, training and unseen alike, were written and labelled by one language model in
  separate runs: its turns of phrase return in what is held out, so every figure here is too kind.
  Each family of files held out in turn is the stricter one. No person has reviewed all labels.
- The noise is made by rules of pronunciation and lost spaces, not by a recogniser.
- A static embedder knows no word order beyond an n-gram's and no word outside its corpora.
- Emergencies also need the city pack's phrases: neither they nor the model suffice alone.
- Thresholds in a city pack belong to one artifact: fit them again with each new one."""

RETRAINING = """## Retraining on a city's own data

1. Write labelled lines, personal data masked, to `models/data/complaints/NAME.jsonl`:
   `{"id": "NAME-0001", "text": ..., "channel": ..., "service": ..., "kind": ..., "urgency": ...}`.
   Let two people label a sample and compare before going on.
2. `minwon train` fits the classifier anew in minutes and keeps the embedder;
   `minwon train --corpora FOLDER` learns the embedder too. Cut short, it goes on where it stopped.
3. `minwon evaluate FILE --out DIR` on lines that were in no training file.
4. `minwon thresholds --write` fits the pack's `[policy]` and says here what it comes to."""


REAL_TITLES = """

{real} petition titles teach the classifier too, labelled by a language model. Their texts are not
part of the repository: `models/data/titles` names their lines in the corpus. Trained without the
corpora, a model lacks them."""


def card(figures: Figures) -> str:
    """Markdown for the figures that training returned."""
    parts = [
        _head(figures),
        _embedder(figures["embedder"]),
        *([_unseen(figures["unseen"])] if figures.get("unseen") else []),
        *([_routing(figures["routing"])] if "routing" in figures else []),
        _dev(figures),
        _families(figures),
        _data(figures),
        LIMITS,
        RETRAINING,
    ]
    return "\n\n".join(parts) + "\n"


def _head(figures: Figures) -> str:
    written, real = figures["lines"] - figures.get("titles", 0), figures.get("titles", 0)
    titles = f", and from {real} titles of petitions that citizens wrote" if real else ""
    return f"""# Model card

This file is written by `minwon train` and `minwon thresholds` from `figures.json`.

The model reads one Korean civil complaint and gives its service (57), kind (7) and urgency (3)
with calibrated probabilities, and a unit vector for finding similar cases. It decides no owner:
that is the city pack's rules. It has learned from {written} lines written for this
project, none of them a real caller's{titles}.
By itself it speaks of an emergency from a probability of {figures["emergency_from"]:.2f}; the city
pack sets the one that counts.

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


TOGETHER = "together"
"""All lines of all files."""

UNSEEN_ROWS = (
    ("Service, first", "service_top1"),
    ("Service, among three", "service_top3"),
    ("Service, macro F1", "service_macro_f1"),
    ("Expected calibration error of the service", "calibration_error"),
    ("The same by chance, were each probability right", "calibration_by_chance"),
    ("Kind", "kind_accuracy"),
    ("Urgency", "urgency_accuracy"),
    ("Emergencies", "emergencies"),
    ("Emergencies found, by rules and model", "emergency_recall"),
    ("Other lines called emergencies", "false_alarms"),
)
"""Figures of the models on a file, and below those of all of triage on it."""

TRIAGE_ROWS = (
    ("Lines of normal urgency called emergencies", "alarms_on_normal"),
    ("District, precision", "district_precision"),
    ("District, recall", "district_recall"),
    ("Agency right", "agency_right"),
    ("Owner settled without a person", "coverage"),
    ("Of these, agency right", "routed_right"),
)

SECOND_ROWS = (
    ("A second reader says the same service", "service"),
    ("The same kind", "kind"),
    ("The same urgency", "urgency"),
    ("The same district, or both none", "district"),
)
"""How far the labels themselves can be relied on."""


def _unseen(files: Figures) -> str:
    def cells(key: str, parts: list[Figures], lines: list[int]) -> list[str]:
        found = zip(parts, lines, strict=True)
        return [_number(part[key]) if some else "" for part, some in found]

    files = dict(sorted(files.items(), key=lambda item: (item[0] == TOGETHER, item[0])))
    triage = list(files.values())
    model = [part["model"] for part in triage]
    every = [part["lines"] for part in model]
    urgent, placed = ([p["emergencies"] for p in model], [p["placed"] for p in triage])
    rows = [("Lines", *map(str, every))]
    for name, key in UNSEEN_ROWS:
        rows.append((name, *cells(key, model, urgent if key.startswith("emergenc") else every)))
    for name, key in TRIAGE_ROWS:
        rows.append((name, *cells(key, triage, placed if key.startswith("district") else every)))
    second = [part.get("second_reader") or {} for part in triage]
    rows += [(name, *(_number(some.get(key)) for some in second)) for name, key in SECOND_ROWS]
    return f"""## On lines never learned from

`models/data/unseen`: read by no step of training, but written by the language model that wrote
most training lines; the shipped model and the whole of triage with the city pack. No cell: no such
line. The runs that wrote `desk`, `office`, `danger` and `voice_clean` had read some training lines
as examples; those of `night`, `week`, `year` and `posts` had read the labelling guide alone:
`night` was asked for the odd, `year` for what a desk gets in a year, `posts` for what citizens put
on the boards of a city's offices. One more run of that language model has labelled seven of the
files from the text alone (`models/data/second`): the last rows say how often it comes to the same.

{_table(("Figure", *files), rows)}

An owner counts as settled where no person must settle it; an emergency whose owner is in doubt is
told at once and waits for one. `office` and `posts` are questions as citizens send them to a city's
offices: most name no place, so a person or a question must find the district. `voice_heard` is
`voice_clean` with a speech recogniser's errors imagined line by line.{_titles(files)}"""


def _titles(files: Figures) -> str:
    if "titles" not in files:
        return ""
    return """ `titles` are real: petitions of 2019 and 2020
that a city's desk could take, from 1,500 drawn at random from the topics nearest to one; two runs
of a language model chose and labelled them from the title alone, and those stand here on which both
agree. What they call for is often national, and few name a place of this city. The embedder has
learned the language from these sentences among others, without their labels. `minwon evaluate
models/data/titles/unseen.jsonl --corpora FOLDER` measures on them."""


def _routing(found: Figures) -> str:
    policy, alarms = found["policy"], found["alarms"]
    rows = [("all others", f"{policy['route_threshold']:.3f}")]
    rows += [(name, f"{level:.3f}") for name, level in policy["agency_thresholds"].items()]
    covered = found["routed"] / found["routable"]
    return f"""## Routing

Fitted on {found["lines"]} training lines, each judged unseen; lines written to be hard left out.
Of these {found["routable"]} name enough to be routed; from the thresholds below {covered:.3f} of
them are, and {found["routed_right"]:.3f} of those to the right agency. An emergency is called from
a probability of {policy["emergency_threshold"]:.2f} or by a phrase of the pack: so
{alarms["found"]:.3f} of the emergencies are found, and {alarms["on_normal"]:.3f} of the normal
lines, titles left out, and {alarms["on_high"]:.3f} of those of high urgency are called one. The
expected calibration error of the service is {found["calibration_error"]:.3f} on all of them; on
files that are easier or harder than the whole it is larger.

{_table(("Agency", "Routed from"), rows)}"""


def _dev(figures: Figures) -> str:
    dev = figures["dev"]
    noisy = dev["with_noise"]
    rows = [
        ("Service, first", "service_top1"),
        ("Service, among three", "service_top3"),
        ("Service, macro F1", "service_macro_f1"),
        ("Kind", "kind_accuracy"),
        ("Urgency", "urgency_accuracy"),
        (f"Emergencies found (of {dev['emergencies']})", "emergency_recall"),
        ("Other lines called emergencies", "false_alarms"),
        ("Expected calibration error of the service", "calibration_error"),
        ("The same by chance, were each probability right", "calibration_by_chance"),
    ]
    table = ((name, _number(dev.get(key)), _number(noisy.get(key))) for name, key in rows)
    channels = (
        (name, str(part["lines"]), _number(part["top1"]), _number(noisy["channels"][name]["top1"]))
        for name, part in dev["channels"].items()
    )
    return f"""## On the dev lines

{dev["lines"]} lines held out by groups of near-copies (`models/data/dev_ids.txt`), measured with an
embedder and a classifier that had not seen them; as written, and with a speech recogniser's noise
(`models/noise.py`). The classifier shipped has learned from these lines too, so it must not be
measured on them again.

{_table(("Figure", "As written", "With noise"), table)}

{_table(("Channel", "Lines", "First", "First, with noise"), channels)}

{_slices("Service", dev["services"])}"""


def _number(value: float | None) -> str:
    return "" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"


def _families(figures: Figures) -> str:
    rows = [
        (name, str(part["lines"]), f"{part['service_top1']:.3f}", f"{part['service_top3']:.3f}")
        for name, part in figures["held_out_families"].items()
    ]
    return f"""## Each family of files held out in turn

The classifier had seen no file whose name begins so, though perhaps near-copies in another. The
embedder had seen labels of most files, never a line's own. These figures are of the support vector
machine alone; the head shipped adds a softmax regression to it.

{_table(("Files", "Lines", "First", "Among three"), rows)}"""


def _data(figures: Figures) -> str:
    rows = [("Complaints written for this project (`models/data/complaints`)", "the project's own")]
    real = figures.get("titles", 0)
    titles = REAL_TITLES.format(real=real) if real else ""
    return f"""## Training data

{figures["lines"] - real} synthetic complaints, most of them written and labelled by a language
model following the labelling guide; each is learned once as written and once with noise, now and
then behind an opener such as a greeting. They hold no real person's words, names, numbers or
addresses. The other data teach the embedder the language; only the complaints are part of the
repository. The embedder's weights are derived from CC BY-SA 4.0 data, among others, named here as
it asks.{titles}

{_table(("Data", "Licence"), [*rows, *LICENCES.items()])}"""


def _slices(title: str, slices: Figures) -> str:
    rows = ((name, str(part["lines"]), f"{part['top1']:.3f}") for name, part in slices.items())
    return _table((title, "Lines", "First"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
