"""Whose case is it: what the desk may choose from, and what was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from starlette.datastructures import FormData
from starlette.responses import Response

from services.api.backend import validated
from services.api.routes import review
from services.api.routes.cases import carry_out
from services.cases.case import Case
from services.cases.orders import TransferOut
from services.city import CityPack
from services.city.pack import RoadClass
from services.errors import InvalidField
from services.triage.place import Place
from services.triage.rules import find_owner
from services.web.staff.entering import filled, given
from services.web.staff.frame import Frame

TOP = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """A likely service and its owner by the city's rule.

    Where the place is unknown there is no agency but `offices` to choose from, one a district. What
    is `outside` has no queue here: it is transferred. `probability` lies in 0..1.
    """

    service: str
    name: str
    probability: float
    agency: str
    department: str
    outside: bool
    offices: tuple[str, ...] = ()


def choices(case: Case, pack: CityPack) -> list[Choice]:
    """The likeliest services of a case, best first."""
    return [
        _choice(str(code), float(probability), case, pack)
        for code, probability in case.candidates[:TOP]
        if code in pack.services
    ]


def _choice(code: str, probability: float, case: Case, pack: CityPack) -> Choice:
    place = Place(district=case.district, road_class=cast(RoadClass | None, case.road_class))
    owner = find_owner(pack, code, place)
    agency = pack.agencies[owner.agency].name if owner.agency else ""
    unit = owner.department or ""
    offices = () if owner.agency else _offices(pack)
    name = pack.services[code].name
    return Choice(code, name, probability, agency, unit, owner.external, offices)


def _offices(pack: CityPack) -> tuple[str, ...]:
    return tuple(pack.agencies[agency].name for agency in pack.district_offices.values())


def outward(likely: list[Choice], sent: dict[str, str]) -> dict[str, str]:
    """What was sent, with the agency outside that takes the service it names, if one does."""
    service = sent.get("service")
    takes = next((one.agency for one in likely if one.outside and one.service == service), "")
    return sent | {"to": sent.get("to") or takes}


def units(pack: CityPack) -> Iterator[str]:
    """What `other` may name: each agency with a queue here, then each of its departments."""
    for agency in pack.agencies.values():
        if agency.kind != "external":
            yield agency.name
            for unit in pack.departments.get(agency.id, ()):
                yield f"{agency.name} {unit.name}"


def outside(pack: CityPack) -> list[tuple[str, str]]:
    return [(a.name, a.name) for a in pack.agencies.values() if a.kind == "external"]


def entered(form: FormData) -> dict[str, str]:
    return given(form, "service", "unit", "agency", "department", "reason", "to", "version")


def decide(frame: Frame, id: UUID, sent: dict[str, str], case: Case) -> None:
    """Decide as a choice or the form for another one says.

    Raises `InvalidField` for what the city does not have, `StaleVersion`, `IllegalTransition`.
    """
    order = _ordered(sent, case, frame.back.pack)
    review.decide(id, frame.back, frame.actor, order, Response(), sent["version"])


def _ordered(sent: dict[str, str], case: Case, pack: CityPack) -> dict[str, Any]:
    if sent["agency"]:
        return filled(sent, "service", "agency", "department")
    wanted = sent["service"]
    code = next((c for c, s in pack.services.items() if wanted in (c, s.name)), None)
    if code is None:
        raise InvalidField(pointer="/service")
    if sent["unit"]:
        return {"service": code, **_unit(sent["unit"], pack)}
    choice = _choice(code, 0.0, case, pack)
    if not choice.agency or choice.outside:
        raise InvalidField(pointer="/unit")
    return {"service": code, "agency": choice.agency, "department": choice.department}


def _unit(wanted: str, pack: CityPack) -> dict[str, str]:
    """The longest agency's name that `wanted` begins with, and the department after it."""
    names = sorted((agency.name for agency in pack.agencies.values()), key=len, reverse=True)
    for name in names:
        if wanted == name:
            return {"agency": name}
        if wanted.startswith(f"{name} "):
            return {"agency": name, "department": wanted.removeprefix(f"{name} ").strip()}
    raise InvalidField(pointer="/unit")


def transfer(frame: Frame, id: UUID, sent: dict[str, str]) -> None:
    """Send the case to an agency outside, with the reason that the citizen is told."""
    body = {"agency": sent["to"], "reason": sent["reason"]}
    order = validated(TransferOut, {name: value for name, value in body.items() if value})
    carry_out(frame.back, frame.actor, id, "transfer-out", order, sent["version"])
