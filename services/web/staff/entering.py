"""What a form of the console was sent with, and what is wrong with it in the reader's words."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import FormData

from services.access.actor import Actor
from services.city import CityPack
from services.errors import TriageError
from services.web.forms import text
from services.web.language import Words

FORM: Final = "entry"
"""The id of a form, to which a fault belongs that is of no one field."""


def given(form: FormData, *names: str) -> dict[str, str]:
    """Those fields of a posted form; empty where nothing was sent."""
    return {name: text(form, name) for name in names}


def filled(entered: dict[str, str], *names: str) -> dict[str, str]:
    """Those of the fields that hold something."""
    return {name: entered[name] for name in names if entered[name]}


def faults(error: TriageError, say: Words) -> dict[str, str]:
    """The field that `error` speaks of, and a sentence about it."""
    pointer: str = getattr(error, "pointer", "")
    field = pointer.strip("/").partition("/")[0]
    for name in (f"desk.fault.{field}", f"desk.fault.{error.code}"):
        if say.known(name):
            return {field or FORM: say(name)}
    return {field or FORM: say("desk.fault.other")}


def department_names(actor: Actor, pack: CityPack) -> list[str]:
    """The departments that `actor` may name: their own, their agency's, or the whole city's."""
    if actor.departments:
        return list(actor.departments)
    ids = [actor.agency_id] if actor.agency_id else list(pack.departments)
    return list(dict.fromkeys(unit.name for id in ids for unit in pack.departments.get(id, ())))
