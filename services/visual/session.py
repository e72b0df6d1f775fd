"""What a caller's page shows when no call leads it, and what a tap does: pure, without clock.

Such a session walks menu, words, place, photograph and check, and ends with a receipt. (The page of
a live call shows what the dialogue says; see services.dialogue.)

`rev` counts the screens. A tap names the rev it was made on; one that is not the current rev does
nothing, so a late or a doubled tap is harmless.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from services.city.menus import Language, Menu, Node
from services.city.pack import CityPack
from services.intake.masking import without_resident_numbers
from services.intake.normalise import normalise

Screen = Literal[
    "greeting",  # notices; nothing is taken down before they were seen
    "menu",
    "write",
    "place",
    "photo",
    "check",  # what will be filed, before it is
    "answer",  # a knowledge article
    "connect",
    "emergency",
    "filing",
    "receipt",
]
MAX_TEXT = 2_000
"""Characters of a caller's own words; a page on a telephone is no place for more."""
MAX_ADDRESS = 200
MAX_PHOTOS = 3
MAX_TRAIL = 12

BACK, HOME, START, NEXT, FILE = "_back", "_home", "_start", "_next", "_file"
KOREAN, ENGLISH = "_ko", "_en"
"""Taps that are no node of a menu."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is, as far as known: a dong with its district (북구 용봉동), a point in degrees
    (WGS 84), and the caller's own words for it.
    """

    dong: str | None = None
    lat: float | None = None
    lon: float | None = None
    address: str = ""

    @property
    def known(self) -> bool:
        return bool(self.dong or self.address) or self.lat is not None


@dataclass(frozen=True, slots=True)
class Session:
    """All that a page is made of. `shown` holds what one screen alone needs, as a receipt's number.

    `words` and the place's address are the caller's own, resident numbers taken out; they are
    stored sealed.
    """

    screen: Screen = "greeting"
    rev: int = 1
    language: Language = "ko"
    consent: bool = False
    group: str | None = None
    """The group of the menu that is open, None for the largest groups."""
    leaf: str | None = None
    """The leaf that was chosen."""
    words: str = ""
    place: Place = field(default_factory=Place)
    photos: tuple[str, ...] = ()
    trail: tuple[Screen, ...] = ()
    """Screens that `_back` leads to, the last first to be left."""
    shown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        return self.screen in ("filing", "receipt")

    @property
    def usable(self) -> bool:
        """Whether it holds enough to file: a leaf or words, after the notices."""
        return self.consent and bool(self.leaf or self.words)

    def as_json(self) -> dict[str, Any]:
        """The session without its rev and the caller's own words: they have their columns."""
        kept = asdict(self)
        del kept["rev"], kept["words"], kept["place"]["address"]
        return kept

    def own_words(self) -> dict[str, object]:
        """What is to be sealed; empty if there is nothing."""
        own = {"words": self.words, "address": self.place.address}
        return {name: value for name, value in own.items() if value}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any], rev: int, own: Mapping[str, Any]) -> Session:
        place = Place(**kept["place"], address=own.get("address", ""))
        photos, trail = tuple(kept["photos"]), tuple(kept["trail"])
        changed = {**kept, "place": place, "photos": photos, "trail": trail}
        return cls(**changed, rev=rev, words=own.get("words", ""))


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap: the node or sign that was touched, the rev it stood on, what was filled in."""

    node_id: str
    screen_rev: int
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tapped:
    """The session after a tap. `stale` says that the tap came too late or meant nothing here."""

    session: Session
    stale: bool = False


def tap(session: Session, touched: Tap, menu: Menu, pack: CityPack) -> Tapped:
    """What a tap does. Each tap that does something raises the rev by one."""
    if touched.screen_rev != session.rev:
        return Tapped(session, stale=True)
    if touched.node_id in (KOREAN, ENGLISH):
        return Tapped(_next(session, language=_language(touched.node_id)))
    if session.over or (not session.consent and touched.node_id != START):
        return Tapped(session, stale=True)
    node = menu.nodes.get(touched.node_id)
    done = _choose(session, node, pack) if node else _act(session, touched, menu, pack)
    return done or Tapped(session, stale=True)


def _choose(session: Session, node: Node, pack: CityPack) -> Tapped:
    if not node.is_leaf:
        return Tapped(_next(session, screen="menu", group=node.id, trail=()))
    if node.action == "emergency":
        agency = pack.services[node.service or ""].target or ""
        return Tapped(_go(session, "emergency", shown={"agency": agency}))
    if node.action == "connect":
        return Tapped(_go(session, "connect"))
    if node.action == "write":
        return Tapped(_go(session, "write", leaf=None, shown={}))
    if node.article is not None:
        return Tapped(_go(session, "answer", shown={"article": node.article}))
    return Tapped(_go(session, "write", leaf=node.id, shown={}))


def _act(session: Session, touched: Tap, menu: Menu, pack: CityPack) -> Tapped | None:
    sign = touched.node_id
    if sign == BACK:
        return Tapped(_back(session, menu))
    if sign == HOME:
        return Tapped(_next(session, screen="menu", group=None, trail=()))
    if sign == START and session.screen == "greeting":
        return Tapped(_next(session, screen="menu", consent=True))
    if sign == FILE and session.screen == "check" and session.usable:
        return Tapped(_next(session, screen="filing", trail=()))
    if sign == NEXT:
        return _fill(session, touched.form, pack)
    return None


def _fill(session: Session, form: Mapping[str, str], pack: CityPack) -> Tapped | None:
    if session.screen == "write":
        words = _own(form.get("text", ""), MAX_TEXT)
        if not words and not session.leaf:
            return Tapped(_next(session, words="", shown={"missing": "text"}))
        return Tapped(_go(session, "place", words=words, shown={}))
    if session.screen == "place":
        return Tapped(_go(session, "photo", place=place_of(form, pack)))
    if session.screen == "photo" and session.usable:
        return Tapped(_go(session, "check"))
    return None


def _own(text: str, most: int) -> str:
    """A caller's own words as they may be kept, sealed."""
    return without_resident_numbers(normalise(text)[:most])


def place_of(form: Mapping[str, str], pack: CityPack) -> Place:
    """The place a form names; a dong that is none and a point outside the city are left out."""
    dong = dongs(pack).get(form.get("dong", ""))
    address = _own(form.get("address", ""), MAX_ADDRESS)
    try:
        lat, lon = float(form.get("lat", "")), float(form.get("lon", ""))
    except ValueError:
        return Place(dong, address=address)
    if not pack.bounds.contain(lat, lon):
        return Place(dong, address=address)
    return Place(dong, lat, lon, address)


def dongs(pack: CityPack) -> dict[str, str]:
    """The administrative dongs by the names a form may give them: 북구 용봉동, and 용봉동 alone."""
    found = [dong for dong in pack.dongs if dong.kind == "administrative"]
    alone = Counter(dong.name for dong in found)
    whole = {dong.name: f"{dong.district} {dong.name}" for dong in found if alone[dong.name] == 1}
    return whole | {name: name for dong in found if (name := f"{dong.district} {dong.name}")}


def add_photo(session: Session, id: str) -> Session:
    """The session with one more photograph, as long as there is room; the screen stays."""
    if session.screen != "photo" or len(session.photos) >= MAX_PHOTOS:
        return session
    return _next(session, photos=(*session.photos, id))


def filed(session: Session, receipt: Mapping[str, str]) -> Session:
    """The session once its complaint is stored."""
    return _next(session, screen="receipt", shown=dict(receipt), trail=())


def _back(session: Session, menu: Menu) -> Session:
    if session.screen == "menu":
        open_group = menu.nodes.get(session.group or "")
        above = open_group.parent if open_group else None
        return _next(session, group=above, trail=())
    if not session.trail:
        return _next(session, screen="menu", trail=())
    return _next(session, screen=session.trail[-1], trail=session.trail[:-1])


def _go(session: Session, screen: Screen, **changes: Any) -> Session:
    """One screen on; `_back` leads to where it came from."""
    here = session.screen
    trail = session.trail if here == screen else (*session.trail, here)[-MAX_TRAIL:]
    return _next(session, screen=screen, trail=trail, **changes)


def _next(session: Session, **changes: Any) -> Session:
    return replace(session, rev=session.rev + 1, **changes)


def _language(sign: str) -> Language:
    return "en" if sign == ENGLISH else "ko"
