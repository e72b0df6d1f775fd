"""A citizen's form: what was entered, what is wrong with it, and the complaint it makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final
from uuid import UUID, uuid4

import phonenumbers
from starlette.datastructures import FormData

from services.city import CityPack
from services.city.pack import Dong
from services.intake.normalise import MAX_CHARACTERS, normalise
from services.intake.payload import MAX_UPLOADS
from services.web.forms import text

MAX_NAME: Final = 200
REPLIES: Final = ("sms", "email", "phone", "none")
LIMITS: Final = {"title": 200, "body": MAX_CHARACTERS, "address": 200, "name": 50, "phone": 30}
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_MOBILE = (
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was sent with an earlier step and waits for its complaint."""

    id: UUID
    name: str

    @property
    def field(self) -> str:
        return f"{self.id} {self.name}"


@dataclass(frozen=True, slots=True)
class Entry:
    """The fields as entered; names are those of the form. `place` is `district dong`."""

    key: str = ""
    title: str = ""
    body: str = ""
    place: str = ""
    address: str = ""
    lat: str = ""
    lon: str = ""
    reply_by: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    privacy: str = ""
    files: tuple[Kept, ...] = ()

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the next step carries along: fields and their values."""
        texts = [(name, getattr(self, name)) for name in TEXTS]
        return [pair for pair in texts if pair[1]] + [("file", kept.field) for kept in self.files]

    @property
    def point(self) -> tuple[float, float] | None:
        """Degrees (WGS 84), or None where the device told none."""
        try:
            return float(self.lat), float(self.lon)
        except ValueError:
            return None


TEXTS: Final = tuple(field.name for field in fields(Entry) if field.name != "files")


def blank() -> Entry:
    return Entry(key=str(uuid4()))


def read(form: FormData) -> Entry:
    """The entry in a posted form; a key that is none of ours is made anew."""
    entered = {name: text(form, name) for name in TEXTS}
    try:
        entered["key"] = str(UUID(entered["key"]))
    except ValueError:
        entered["key"] = str(uuid4())
    kept = [_kept(value) for value in form.getlist("file") if isinstance(value, str)]
    return Entry(**entered, files=tuple(file for file in kept if file is not None))


def _kept(value: str) -> Kept | None:
    id, _, name = value.partition(" ")
    try:
        return Kept(UUID(id), normalise(name)[:MAX_NAME])
    except ValueError:
        return None


def faults(entry: Entry, pack: CityPack) -> dict[str, str]:
    """What must be corrected: field name to the name of a sentence, in the order of the form."""
    return dict(_faults(entry, pack))


def _faults(entry: Entry, pack: CityPack) -> Iterator[tuple[str, str]]:
    if not entry.body:
        yield "body", "citizen.fault.body_empty"
    for name, limit in LIMITS.items():
        if len(getattr(entry, name)) > limit:
            yield name, "citizen.fault.too_long"
    if entry.place and dong_at(entry.place, pack) is None:
        yield "place", "citizen.fault.place_unknown"
    if entry.point is not None and not pack.bounds.contain(*entry.point):
        yield "place", "citizen.fault.point_elsewhere"
    yield from _reply_faults(entry)
    if len(entry.files) > MAX_UPLOADS:
        yield "files", "citizen.fault.files_many"
    if entry.privacy != "yes":
        yield "privacy", "citizen.fault.privacy"


def _reply_faults(entry: Entry) -> Iterator[tuple[str, str]]:
    if entry.reply_by not in REPLIES:
        yield "reply_by", "citizen.fault.reply_by"
    number = _number(entry.phone)
    if entry.reply_by == "sms" and (
        number is None or phonenumbers.number_type(number) not in _MOBILE
    ):
        yield "phone", "citizen.fault.mobile"
    elif (entry.reply_by == "phone" or entry.phone) and number is None:
        yield "phone", "citizen.fault.phone"
    if (entry.reply_by == "email" or entry.email) and not _is_address(entry.email):
        yield "email", "citizen.fault.email"


def _number(phone: str) -> phonenumbers.PhoneNumber | None:
    """The number dialled from Korea, if it can be one."""
    try:
        number = phonenumbers.parse(phone, "KR")
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _is_address(email: str) -> bool:
    return len(email) <= 254 and _ADDRESS.fullmatch(email) is not None


def dong_at(place: str, pack: CityPack) -> Dong | None:
    return next((d for d in administrative(pack) if f"{d.district} {d.name}" == place), None)


def administrative(pack: CityPack) -> list[Dong]:
    return [dong for dong in pack.dongs if dong.kind == "administrative"]


def complaint(entry: Entry, pack: CityPack) -> dict[str, Any]:
    """The body that a web channel posts, for an entry without faults."""
    dong = dong_at(entry.place, pack)
    address = " ".join(part for part in (entry.place if dong else "", entry.address) if part)
    lat, lon = entry.point or (None, None)
    location = {"lat": lat, "lon": lon, "address": address, "dong": dong.name if dong else None}
    contact = {"name": entry.name, "phone": entry.phone, "email": entry.email}
    return {
        "channel": "web",
        "web": {
            "title": entry.title or None,
            "body": entry.body,
            "attachments": [{"id": str(file.id)} for file in entry.files],
        },
        "location": {name: value for name, value in location.items() if value not in (None, "")},
        "contact": {name: value for name, value in contact.items() if value}
        | {"reply_by": entry.reply_by},
        "consent": {"privacy": True, "ai_notice": True},
    }
