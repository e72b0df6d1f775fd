"""What the telephone says and asks in this city, and which agencies take calls when."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

FILE = "dialogue.toml"
CONNECT = ("connect_urgency", "connect_services")
Language = Literal["ko", "en"]
TakesCalls = Literal["always", "office", "never"]


@dataclass(frozen=True, slots=True)
class Line:
    """How an agency is called. `number` is None where none is confirmed: it is named instead."""

    agency: str
    takes_calls: TakesCalls
    ring_timeout_s: int
    confirmed: bool
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Phrases by which small answers are told, without spaces and in lower case."""

    yes: frozenset[str]
    no: frozenset[str]
    cancel: tuple[str, ...]
    unknown: tuple[str, ...]
    repeat: tuple[str, ...]
    person_whole: frozenset[str]
    person_part: tuple[str, ...]
    person_who: tuple[str, ...]
    person_do: tuple[str, ...]
    correction: tuple[str, ...]
    two_matters: tuple[str, ...]
    english: tuple[str, ...]
    language: tuple[str, ...]
    insult: tuple[str, ...]
    courtesy: frozenset[str]
    """Words around a yes or no that change nothing."""
    greeting: frozenset[str]
    declined: tuple[str, ...]
    thanks: tuple[str, ...]
    bye: tuple[str, ...]
    wait: tuple[str, ...]
    who: tuple[str, ...]
    refused: tuple[str, ...]
    """Words against being recorded or spoken to by a machine."""
    asking: tuple[str, ...]
    """Words without which a report is not answered by an article."""
    emergency_english: Mapping[str, tuple[str, ...]]
    road: Mapping[str, tuple[str, ...]]
    status_of: tuple[str, ...]
    status: tuple[str, ...]
    """With one of `status_of`, these ask what became of a complaint."""
    district_english: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Script:
    """The telephone's texts, keys and lines. Times in the units of their names."""

    ask_timeout_ms: int
    abandoned_after_minutes: int
    least_confidence: float
    connect_urgency: frozenset[str]
    connect_services: frozenset[str]
    desk: str
    interpreter: str
    interpreter_number: str | None
    lines: Mapping[str, Line]
    words: Words
    keys: Mapping[str, Mapping[str, str]]
    """Slot to digit to value."""
    values: Mapping[str, str]
    """Value of a key to the words that say it in a complaint."""
    texts: Mapping[Language, Mapping[str, str]]

    @property
    def patience(self) -> timedelta:
        return timedelta(minutes=self.abandoned_after_minutes)


def load_script(folder: Path) -> Script:
    """The script of the pack in `folder`; KeyError, ValueError or TypeError for a bad file."""
    return read_script(tomllib.loads((folder / FILE).read_text(encoding="utf-8")))


def read_script(data: Mapping[str, Any]) -> Script:
    lines = [Line(**row) for row in data["lines"]]
    call = dict(data["call"])
    return Script(
        **{**call, **{name: frozenset(call[name]) for name in CONNECT}},
        lines={line.agency: line for line in lines},
        words=_words(data["words"]),
        keys=data["keys"],
        values=data["values"],
        texts={"ko": data["ko"], "en": data["en"]},
    )


def script_problems(script: Script, agencies: frozenset[str]) -> Iterator[str]:
    """What is wrong in a script that its schema cannot tell, one sentence each."""
    for name in sorted(set(script.texts["ko"]) ^ set(script.texts["en"])):
        yield f"{FILE}: {name} stands in one language only"
    connected = {*script.lines, *script.words.emergency_english}
    yield from (f"{FILE}: there is no agency {id_}" for id_ in sorted(connected - agencies))
    for line in script.lines.values():
        if line.number and not line.confirmed:
            yield f"{FILE}: {line.agency} has a number that is not confirmed"
    for slot, keys in script.keys.items():
        if "0" in keys:
            yield f"{FILE}: the key 0 of {slot} is the person's"


def _words(data: Mapping[str, Any]) -> Words:
    return Words(
        yes=frozenset(data["yes"]),
        no=frozenset(data["no"]),
        courtesy=frozenset(data["courtesy"]),
        greeting=frozenset(data["greeting"]),
        person_whole=frozenset(data["person_whole"]),
        emergency_english={k: tuple(v) for k, v in data["emergency_english"].items()},
        road={k: tuple(v) for k, v in data["road"].items()},
        district_english={k: tuple(v) for k, v in data["district_english"].items()},
        **{
            name: tuple(data[name])
            for name in (
                *("cancel", "unknown", "repeat", "person_part", "person_who", "person_do"),
                *(
                    "correction",
                    "two_matters",
                    "english",
                    "insult",
                    "language",
                    "declined",
                    "thanks",
                ),
                *("declined", "thanks", "bye", "wait", "who", "refused", "asking"),
                *("status", "status_of"),
            )
        },
    )
