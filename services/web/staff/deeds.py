"""The forms of a case's actions: their fields, their keys, and the orders that they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from services.access.staff import Person
from services.cases.case import KINDS, URGENCIES, Case
from services.city import CityPack
from services.web.forms import text
from services.web.language import Words
from services.web.staff.queue import department_names, services_by_group

Groups = list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: Literal["text", "line", "time", "choice", "check"] = "text"
    required: bool = True


@dataclass(frozen=True, slots=True)
class Deed:
    """`key` presses its button or opens its form; without fields one press does it."""

    fields: tuple[Field, ...] = ()
    key: str = ""
    kind: str = "tertiary"


_REASON: Final = (Field("reason"),)
REPLY: Final = (
    Field("reply"),
    Field("outcome", "choice"),
    Field("reason", required=False),
    Field("remedy", required=False),
    Field("officer", "line", required=False),
)
DEEDS: Final[Mapping[str, Deed]] = {
    "claim": Deed(key="a", kind="primary"),
    "start": Deed(key="s", kind="primary"),
    "resume": Deed(key="s", kind="primary"),
    "approve": Deed(key="y", kind="primary"),
    "return": Deed(_REASON, key="x"),
    "submit": Deed(REPLY, key="r"),
    "resolve": Deed(REPLY, key="r"),
    "note": Deed((Field("text"),), key="n"),
    "supplement": Deed((Field("text"), Field("until", "time", required=False)), key="q"),
    "cooperate": Deed(
        (
            Field("department", "choice"),
            Field("text"),
            Field("due_at", "time", required=False),
        )
    ),
    "field-survey": Deed(),
    "extend": Deed((Field("until", "time"), *_REASON, Field("consent", "check", required=False))),
    "correct": Deed(
        (
            Field("service", "choice", required=False),
            Field("kind", "choice", required=False),
            Field("petition_kind", "choice", required=False),
            Field("urgency", "choice", required=False),
        ),
        key="e",
    ),
    "assign": Deed((Field("assignee", "choice"),)),
    "reassign": Deed((Field("assignee", "choice"),)),
    "release": Deed(),
    "reroute": Deed((*_REASON, Field("suggested_agency", "choice", required=False)), key="b"),
    "transfer-out": Deed((*_REASON, Field("agency", "choice", required=False))),
    "merge": Deed((Field("into", "line"),)),
    "unmerge": Deed(),
    "close": Deed((Field("reason", "choice"), Field("text")), kind="danger"),
    "withdraw": Deed(_REASON, kind="danger"),
    "reopen": Deed(_REASON),
}
"""In the order of the page. What decides on an owner has the review desk's own pages."""

UNIT: Final = " / "
"""Between an agency and its department in the value of a choice."""
EDITOR: Final = frozenset({"submit", "resolve"})
"""Shown as the reply editor."""


def typed(action: str, form: FormData) -> dict[str, str]:
    """What was entered, to be shown again."""
    return {field.name: text(form, field.name) for field in DEEDS[action].fields}


def body(action: str, entered: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """The order that an API would be sent; an empty field says nothing."""
    kinds = {field.name: field.kind for field in DEEDS[action].fields}
    order = {name: _value(kinds[name], value, zone) for name, value in entered.items() if value}
    agency, found, department = order.get("department", "").partition(UNIT)
    return {**order, "agency": agency, "department": department} if found else order


def _value(kind: str, value: str, zone: ZoneInfo) -> Any:
    if kind == "check":
        return True
    if kind != "time":
        return value
    try:
        return datetime.fromisoformat(value).replace(tzinfo=zone).isoformat()
    except ValueError:
        return value


def choices(
    action: str, case: Case, pack: CityPack, colleagues: list[Person], say: Words
) -> dict[str, Groups]:
    """What the lists of an action's form offer, by field."""
    agencies = list(pack.agencies.values())
    here = [(a.name, a.name) for a in agencies if a.kind != "external"]
    outside = [(a.name, a.name) for a in agencies if a.kind == "external"]
    people = [(one.name, one.display_name) for one in colleagues if one.name != case.assignee]
    close = ("repeat", "exception", "returned")
    fixed = [kind for kind in pack.petitions.kinds.values() if kind.length is not None]
    offered: dict[str, Groups] = {
        "outcome": [("", _named(("accepted", "partly", "not_accepted"), "outcome", say))],
        "assignee": [("", people)],
        "service": services_by_group(pack),
        "kind": [("", _named(tuple(KINDS), "kind", say))],
        "petition_kind": [("", [(one.id, one.name) for one in fixed])],
        "urgency": [("", _named(URGENCIES, "urgency", say))],
        "agency": [("", outside if action == "transfer-out" else here)],
        "suggested_agency": [("", [*here, *outside])],
        "reason": [("", _named(close, "close", say))],
        "department": _departments(case, pack),
    }
    wanted = {field.name for field in DEEDS[action].fields if field.kind == "choice"}
    return {name: groups for name, groups in offered.items() if name in wanted}


def _departments(case: Case, pack: CityPack) -> Groups:
    """The own agency's first; agency and department together, for names repeat among agencies."""
    ids = sorted(pack.departments, key=lambda id: (id != case.agency_id, id))
    named = {pack.agencies[id].name: department_names(pack, id) for id in ids}
    return [
        (name, [(f"{name}{UNIT}{unit}", unit) for unit in units])
        for name, units in named.items()
        if units
    ]


def _named(codes: tuple[str, ...], table: str, say: Words) -> list[tuple[str, str]]:
    return [(code, say(f"staff.{table}.{code}")) for code in codes]
