"""Accounts of people: who belongs where, and how a case's history names them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest

from services.access import staff
from services.access.actor import Actor, person_id
from services.access.staff import NewPerson
from services.database import API, WORKER, conninfo
from services.errors import NotFound
from tests.conftest import Installation


@pytest.fixture
def owner(installation: Installation) -> Iterator[psycopg.Connection]:
    with psycopg.connect(installation.settings.database_url) as conn:
        yield conn


def hire(conn: psycopg.Connection, username: str, **more: object) -> staff.Person:
    fields: dict[str, object] = {"role": "staff", "agency_id": "bukgu", **more}
    return staff.add(conn, uuid4(), NewPerson(username, username.title(), **fields))  # type: ignore[arg-type]


def test_a_persons_actor_is_named_by_id_and_known_as_a_person(owner: psycopg.Connection) -> None:
    actor = hire(owner, "han", departments=["건설과"], may_approve=True).actor
    assert actor.is_person
    assert actor.name == f"staff:{actor.staff_id}"
    assert person_id(actor.name) == actor.staff_id
    assert "Han" not in actor.name
    assert actor.display_name == "Han"
    assert (actor.scope.name, actor.scope.agency, actor.departments) == (
        "agency",
        "bukgu",
        ("건설과",),
    )
    key = Actor("k1", "staff", "desk", "bukgu")
    assert not key.is_person
    assert person_id(key.name) is None


def test_a_department_has_its_own_people_and_those_of_the_whole_agency(
    owner: psycopg.Connection,
) -> None:
    hire(owner, "all", is_manager=True)
    hire(owner, "roads", departments=["건설과"], is_manager=True)
    hire(owner, "lamps", departments=["시설지원과"])
    hire(owner, "elsewhere", agency_id="seogu", is_manager=True)
    gone = hire(owner, "gone", departments=["건설과"], is_manager=True)
    staff.set_active(owner, gone.id, active=False)
    hire(owner, "lead", role="supervisor")
    hire(owner, "city", role="supervisor", agency_id=None)

    def names(people: list[staff.Person]) -> set[str]:
        return {one.username for one in people}

    assert names(staff.staff_of(owner, "bukgu")) >= {"all", "roads", "lamps"}
    assert {"lamps", "elsewhere", "gone"}.isdisjoint(
        names(staff.staff_of(owner, "bukgu", "건설과"))
    )
    assert {"all", "roads"} <= names(staff.managers_of(owner, "bukgu", "건설과"))
    assert "roads" not in names(staff.managers_of(owner, "bukgu", "시설지원과"))
    assert {"lead", "city"} <= names(staff.supervisors_of(owner, "bukgu"))
    assert "lead" not in names(staff.supervisors_of(owner, "seogu"))


def test_history_names_people_and_leaves_programs_as_they_are(owner: psycopg.Connection) -> None:
    han = hire(owner, "han")
    shown = staff.display_names(
        owner, [han.name, "staff:k1", "system", None, f"staff:{UUID(int=1)}"]
    )
    assert shown == {han.name: "Han"}
    assert staff.display_names(owner, []) == {}


@pytest.mark.parametrize(
    "new",
    [
        NewPerson("Upper", "x", "triage"),
        NewPerson("with space", "x", "triage"),
        NewPerson("", "x", "triage"),
        NewPerson("no-agency", "x", "staff"),
    ],
)
def test_an_account_that_makes_no_sense_is_refused(
    new: NewPerson, owner: psycopg.Connection
) -> None:
    with pytest.raises(staff.InvalidAccount):
        staff.add(owner, uuid4(), new)


@pytest.mark.parametrize(
    "second",
    [
        NewPerson("han", "x", "triage"),
        NewPerson("other", "x", "triage", email="HAN@example.org"),
        NewPerson("other", "x", "triage", oidc_issuer="https://idp", oidc_subject="1"),
    ],
)
def test_a_name_an_address_and_a_sign_in_belong_to_one_account(
    second: NewPerson, owner: psycopg.Connection
) -> None:
    hire(owner, "han", email="han@example.org", oidc_issuer="https://idp", oidc_subject="1")
    with pytest.raises(staff.AccountTaken):
        staff.add(owner, uuid4(), second)


def test_who_is_not_there_is_not_found(owner: psycopg.Connection) -> None:
    with pytest.raises(NotFound):
        staff.find(owner, uuid4())
    with pytest.raises(NotFound):
        staff.find_by_username(owner, "nobody")


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (API, "UPDATE staff SET role = 'admin'"),
        (API, "UPDATE staff SET active = true"),
        (API, "INSERT INTO staff (id, username, display_name, role) VALUES "
              "('00000000-0000-7000-8000-000000000000', 'x', 'x', 'admin')"),
        (API, "DELETE FROM staff"),
        (API, "UPDATE staff SET username = 'x'"),
        (WORKER, "UPDATE staff SET role = 'admin'"),
        (WORKER, "UPDATE staff SET password_hash = NULL"),
        (WORKER, "SELECT password_hash FROM staff"),
    ],
)  # fmt: skip
def test_no_program_takes_an_account_over(
    role: str, statement: str, installation: Installation
) -> None:
    with (
        psycopg.connect(conninfo(installation.settings.database_url, role)) as conn,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        conn.execute(statement.encode())
