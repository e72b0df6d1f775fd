"""Who may do what, and which rows each caller sees."""

from __future__ import annotations

import pytest

from services.access.actor import Actor
from services.errors import Forbidden


def an_actor(role: str, agency: str | None = None) -> Actor:
    return Actor("k1", role, "embedded", agency)


@pytest.mark.parametrize("role", ["staff", "triage", "supervisor", "admin"])
def test_only_channels_file_complaints(role: str) -> None:
    an_actor("channel").require("channel")
    with pytest.raises(Forbidden):
        an_actor(role).require("channel")


@pytest.mark.parametrize("role", ["staff", "triage", "supervisor"])
def test_an_admin_may_stand_in_for_anyone_at_a_desk(role: str) -> None:
    an_actor("admin").require(role)


def test_a_role_does_not_include_another() -> None:
    with pytest.raises(Forbidden):
        an_actor("staff", "bukgu").require("triage", "supervisor")
    with pytest.raises(Forbidden):
        an_actor("channel").require("staff", "triage", "supervisor")


def test_a_channel_sees_what_it_filed_and_an_agency_what_it_holds() -> None:
    assert (an_actor("channel").scope.name, an_actor("channel").scope.client) == (
        "channel",
        "embedded",
    )
    staff = an_actor("staff", "bukgu").scope
    assert (staff.name, staff.agency) == ("agency", "bukgu")
    assert an_actor("supervisor", "bukgu").scope.name == "agency"
    assert an_actor("triage").scope.name == "city"


def test_events_name_a_key_and_never_a_person() -> None:
    assert an_actor("staff", "bukgu").name == "staff:k1"
