"""`/staff/people`: accounts. Administrators of the city make and change them; heads see theirs."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from services.access import audit, passwords
from services.access import staff as accounts
from services.access.actor import Actor
from services.access.staff import AccountTaken, InvalidAccount, NewPerson, Person
from services.api.backend import PathId, new_id
from services.city import CityPack
from services.errors import Forbidden, InvalidField, NotFound, TriageError
from services.web import forms
from services.web.staff import once
from services.web.staff.entering import faults as faults_of
from services.web.staff.entering import given
from services.web.staff.frame import Frame, Framed
from services.web.staff.navigation import heads

router = APIRouter(prefix="/people")

HERE: Final = "/staff/people"
PAGE: Final = 50
FIELDS: Final = (
    *("username", "display_name", "role", "email", "agency", "departments"),
    *("is_manager", "may_approve", "language"),
)
LIMITS: Final = {"username": 63, "display_name": 50, "email": 254}


@router.get("")
def show_list(frame: Framed, q: str = "", page: int = 1) -> Response:
    """All accounts by name; `q` looks in names and agencies."""
    found = [one for one in _people(frame) if _fits(one, q.strip().lower(), frame.back.pack)]
    page = max(1, min(page, -(-len(found) // PAGE) or 1))
    return frame.page(
        "staff/people.html",
        items=found[(page - 1) * PAGE : page * PAGE],
        total=len(found),
        q=q,
        page=page,
        more=len(found) > page * PAGE,
        can_write=_administers(frame.actor),
    )


@router.get("/new")
def show_new(frame: Framed) -> Response:
    return _form(frame, dict.fromkeys(FIELDS, "") | {"role": "staff", "language": "ko"})


@router.post("/new")
def add(frame: Framed, form: forms.Posted) -> Response:
    """The page of the account shows its first password, once."""
    _checked(frame)
    sent, secret = given(form, *FIELDS), passwords.generate()
    hashed = passwords.hash(secret)
    try:
        new = _new(sent, frame.back.pack)
        with frame.back.database.transaction(frame.actor.scope) as conn:
            one = accounts.add(conn, new_id(), new, hashed)
            _log(frame, conn, "add_account", one.id, role=one.role)
    except (InvalidField, InvalidAccount, AccountTaken) as error:
        return _form(frame, sent, error)
    return once.hand_over(frame, f"{HERE}/{one.id}", "account_added", str(one.id), secret)


@router.get("/{id}/edit")
def show_edit(id: PathId, frame: Framed) -> Response:
    _checked(frame)
    with frame.back.database.transaction(frame.actor.scope) as conn:
        one = accounts.find(conn, id)
    return _form(frame, _held(one, frame.back.pack), one=one)


@router.post("/{id}/edit")
def change(id: PathId, frame: Framed, form: forms.Posted) -> Response:
    """Nobody takes their own administration away: someone must be left who gives it."""
    _checked(frame)
    with frame.back.database.transaction(frame.actor.scope) as conn:
        one = accounts.find(conn, id)
    sent = given(form, *FIELDS) | {"username": one.username}
    try:
        new = _new(sent, frame.back.pack)
        if id == frame.actor.staff_id and (new.role, new.agency_id) != (one.role, one.agency_id):
            raise InvalidField(pointer="/role")
        with frame.back.database.transaction(frame.actor.scope) as conn:
            accounts.change(conn, id, new)
            _log(frame, conn, "change_account", id, role=new.role)
    except (InvalidField, InvalidAccount, AccountTaken) as error:
        return _form(frame, sent, error, one=one)
    return frame.to(f"{HERE}/{id}", "account_changed")


@router.get("/{id}")
def show(id: PathId, frame: Framed) -> Response:
    one = next((one for one in _people(frame) if one.id == id), None)
    if one is None:
        raise NotFound
    return once.forget(
        frame.page(
            "staff/person.html",
            one=one,
            secret=once.take(frame, str(id)),
            can_write=_administers(frame.actor),
            own=id == frame.actor.staff_id,
        )
    )


@router.post("/{id}/switch")
def switch(id: PathId, frame: Framed, form: forms.Posted) -> Response:
    """Nobody switches their own account off: someone must be left to switch it on again."""
    _checked(frame)
    on = forms.text(form, "on") == "yes"
    if id == frame.actor.staff_id:
        raise Forbidden
    with frame.back.database.transaction(frame.actor.scope) as conn:
        accounts.find(conn, id)
        accounts.set_active(conn, id, on)
        _log(frame, conn, "switch_account_on" if on else "switch_account_off", id)
    return frame.to(f"{HERE}/{id}", "account_on" if on else "account_off")


@router.post("/{id}/password")
def reset_password(id: PathId, frame: Framed) -> Response:
    """A new password, shown once; whoever signed in with the old one is signed out.

    One's own is changed on `/staff/account`: here it would sign out before it is shown.
    """
    _checked(frame)
    if id == frame.actor.staff_id:
        raise Forbidden
    secret = passwords.generate()
    hashed = passwords.hash(secret)
    with frame.back.database.transaction(frame.actor.scope) as conn:
        accounts.find(conn, id)
        accounts.set_password(conn, id, hashed)
        _log(frame, conn, "set_password", id)
    return once.hand_over(frame, f"{HERE}/{id}", "password_reset", str(id), secret)


def _administers(actor: Actor) -> bool:
    return actor.role == "admin" and actor.agency_id is None


def _checked(frame: Frame) -> None:
    if not _administers(frame.actor):
        raise Forbidden


def _log(frame: Frame, conn: Any, action: audit.Action, id: UUID, **data: Any) -> None:
    address = frame.visit.address
    audit.record(conn, frame.actor, action, address=address, account=str(id), **data)


def _people(frame: Frame) -> list[Person]:
    """Those whom the viewer may see, by username."""
    actor = frame.actor
    if not heads(actor):
        raise Forbidden
    with frame.back.database.transaction(actor.scope) as conn:
        people = accounts.list_people(conn)
    return [one for one in people if actor.agency_id in (None, one.agency_id)]


def _fits(one: Person, words: str, pack: CityPack) -> bool:
    agency = pack.agencies.get(one.agency_id or "")
    looked = (one.username, one.display_name, agency.name if agency else "")
    return not words or any(words in text.lower() for text in looked)


def _new(sent: dict[str, str], pack: CityPack) -> NewPerson:
    """Raises `InvalidField` for an agency, department or role that does not exist."""
    agency = pack.agency_named(sent["agency"]) if sent["agency"] else None
    if (sent["agency"] or sent["role"] == "staff") and agency is None:
        raise InvalidField(pointer="/agency")
    units = [part.strip() for part in sent["departments"].split(",") if part.strip()]
    known = {unit.name for unit in pack.departments.get(agency.id, ())} if agency else set()
    if not set(units) <= known:
        raise InvalidField(pointer="/departments")
    for name, limit in LIMITS.items():
        if len(sent[name]) > limit or (name != "email" and not sent[name]):
            raise InvalidField(pointer=f"/{name}")
    if sent["role"] not in accounts.ROLES or sent["language"] not in ("ko", "en"):
        raise InvalidField(pointer="/role")
    return NewPerson(
        username=sent["username"].lower(),
        display_name=sent["display_name"],
        role=sent["role"],
        email=sent["email"] or None,
        agency_id=agency.id if agency else None,
        departments=units or None,
        is_manager=sent["is_manager"] == "yes",
        may_approve=sent["may_approve"] == "yes",
        language=sent["language"],
    )


def _held(one: Person, pack: CityPack) -> dict[str, str]:
    """An account as the form's fields say it."""
    agency = pack.agencies.get(one.agency_id or "")
    return {
        "username": one.username,
        "display_name": one.display_name,
        "role": one.role,
        "email": one.email or "",
        "agency": agency.name if agency else "",
        "departments": ", ".join(one.departments or ()),
        "is_manager": "yes" if one.is_manager else "",
        "may_approve": "yes" if one.may_approve else "",
        "language": one.language,
    }


def _form(
    frame: Frame,
    sent: dict[str, str],
    error: TriageError | None = None,
    *,
    one: Person | None = None,
) -> Response:
    _checked(frame)
    pack = frame.back.pack
    agencies = [a for a in pack.agencies.values() if a.kind != "external"]
    return frame.page(
        "staff/person_form.html",
        error.status if error else 200,
        one=one,
        sent=sent,
        faults=faults_of(error, frame.say) if error else {},
        limits=LIMITS,
        roles=accounts.ROLES,
        agencies=[(agency.name, agency.name) for agency in agencies],
    )
