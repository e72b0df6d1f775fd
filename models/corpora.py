"""Public Korean corpora: sentences to learn words from, and pairs that say the same thing.

None of them is part of the repository. Each reader expects the folder and file names that the
source publishes; a corpus that is not there is simply skipped. Sources and licences stand in
`LICENCES`, which the model card prints.
"""

from __future__ import annotations

import csv
import gzip
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

Pair = tuple[str, str]

LICENCES = {
    "KorSTS and XNLI-ko (kakaobrain/KorNLUDatasets)": "CC BY-SA 4.0",
    "paraKQC (warnikchow/paraKQC)": "CC BY-SA 4.0",
    "sae4k (warnikchow/sae4k)": "CC BY-SA 4.0",
    "3i4k (warnikchow/3i4k)": "CC BY-SA 4.0",
    "Chatbot_data and Question_pair (songys)": "MIT",
    "NSMC raw reviews (e9t/nsmc)": "CC0 1.0",
    "National petition titles 2019-2020": "MIT / KOGL type 1",
    "Duties of another city's departments": "MIT",
}

REVIEWS = 300_000
"""Film reviews taken from NSMC: more would drown the language of citizens."""


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """Two sentences and how alike they are, 0 (unrelated) to 1 (the same)."""

    first: str
    second: str
    score: float


def sentences(corpora: Path) -> list[str]:
    """Unlabelled sentences, in a fixed order."""
    readers: tuple[Callable[[Path], Iterator[str]], ...] = (
        _reviews,
        lambda folder: _column(folder / "petition_titles_17cat/petition_titles.tsv", 2),
        lambda folder: _column(folder / "busan_dept_duties/busan_dept_duties.tsv", 1),
        lambda folder: _column(folder / "sae4k/sae4k_v1.txt", 0),
        lambda folder: _column(folder / "i3i4k/fci.txt", 1),
        lambda folder: _column(folder / "paraKQC/paraKQC_v1.txt", 2),
        lambda folder: chain.from_iterable(_answers(folder)),
    )
    found = chain.from_iterable(reader(corpora) for reader in readers)
    return [text for text in map(str.strip, found) if len(text) > 1]


def paraphrases(corpora: Path, seed: int = 0) -> dict[str, list[Pair]]:
    """Pairs of the same meaning, by source."""
    dice = random.Random(seed)  # noqa: S311
    found = {
        "paraKQC": _in_groups(_tens(_column(corpora / "paraKQC/paraKQC_v1.txt", 2)), dice, 3),
        "sae4k": [(row[0], row[1]) for row in _rows(corpora / "sae4k/sae4k_v1.txt")],
        "KorSTS": [(p.first, p.second) for p in sts(corpora, "train") if p.score >= 0.76],
        "XNLI": list(_entailments(corpora)),
        "Question_pair": list(_same_questions(corpora)),
        "Chatbot_data": _in_groups(_same_answer(corpora), dice, 1),
    }
    return {name: pairs for name, pairs in found.items() if pairs}


def sts(corpora: Path, part: str) -> list[ScoredPair]:
    """KorSTS `train` or `dev` (Ham et al. 2020); the published 0-5 scores divided by five."""
    rows = list(_rows(corpora / f"korsts_xnli_ko/sts-{part}.tsv"))[1:]
    return [ScoredPair(row[5], row[6], float(row[4]) / 5) for row in rows if len(row) >= 7]


def same_label(texts: list[str], labels: list[str], partners: int, seed: int = 0) -> list[Pair]:
    """Pairs of texts that carry one label, `partners` for each text."""
    groups = defaultdict(list)
    for text, label in zip(texts, labels, strict=True):
        groups[label].append(text)
    return _in_groups(groups.values(), random.Random(seed), partners)  # noqa: S311


def petition_titles(corpora: Path) -> dict[int, str]:
    """Titles that citizens wrote, by the line of the file they stand in; empty without the file."""
    rows = enumerate(_rows(corpora / "petition_titles_17cat/petition_titles.tsv"), start=1)
    return {line: row[2] for line, row in rows if len(row) > 2}


def halves(texts: list[str], seed: int = 0) -> list[Pair]:
    """Each text of six words or more cut at random into two sets of words: a pair on one topic."""
    dice = random.Random(seed)  # noqa: S311
    pairs = []
    for text in texts:
        words = text.split()
        if len(words) < 6:
            continue
        kept = [dice.random() < 0.5 for _ in words]
        first = " ".join(word for word, keep in zip(words, kept, strict=True) if keep)
        second = " ".join(word for word, keep in zip(words, kept, strict=True) if not keep)
        if first and second:
            pairs.append((first, second))
    return pairs


def _rows(file: Path) -> Iterator[list[str]]:
    if file.exists():
        with file.open(encoding="utf-8-sig") as lines:
            yield from (line.rstrip("\r\n").split("\t") for line in lines)


def _column(file: Path, index: int) -> Iterator[str]:
    return (row[index] for row in _rows(file) if len(row) > index)


def _reviews(corpora: Path) -> Iterator[str]:
    file = corpora / "nsmc_unlabeled/nsmc_reviews.tsv.gz"
    if not file.exists():
        return
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        texts = [line.rstrip("\n").partition("\t")[2] for line in lines]
    random.Random(0).shuffle(texts)  # noqa: S311
    yield from texts[:REVIEWS]


def _answers(corpora: Path) -> Iterator[tuple[str, str]]:
    """Questions with their answers: `Q,A,label`."""
    file = corpora / "songys/ChatbotData.csv"
    if file.exists():
        with file.open(encoding="utf-8-sig", newline="") as lines:
            yield from ((row["Q"], row["A"]) for row in csv.DictReader(lines))


def _same_answer(corpora: Path) -> list[list[str]]:
    groups = defaultdict(list)
    for question, answer in _answers(corpora):
        groups[answer].append(question)
    return [questions for questions in groups.values() if 2 <= len(questions) <= 6]


def _same_questions(corpora: Path) -> Iterator[Pair]:
    """Question_pair marks a pair of one meaning with 0, of two meanings with 1."""
    file = corpora / "songys/kor_pair_train.csv"
    if file.exists():
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["is_duplicate"].strip() == "0":
                    yield row["question1"], row["question2"]


def _entailments(corpora: Path) -> Iterator[Pair]:
    for part in ("dev", "test"):
        for row in _rows(corpora / f"korsts_xnli_ko/xnli.{part}.ko.tsv"):
            if len(row) >= 3 and row[2] == "entailment":
                yield row[0], row[1]


def _tens(texts: Iterator[str]) -> Iterator[list[str]]:
    """paraKQC lists the ten ways to say one thing one after the other."""
    group: list[str] = []
    for text in texts:
        group.append(text)
        if len(group) == 10:
            yield group
            group = []


def _in_groups(groups: Iterable[list[str]], dice: random.Random, partners: int) -> list[Pair]:
    pairs = []
    for group in groups:
        for text in group:
            others = [other for other in group if other != text]
            pairs += [(text, other) for other in dice.sample(others, min(partners, len(others)))]
    return pairs
