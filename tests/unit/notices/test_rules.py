"""Rules of notices that need no database: addresses, delays, texts."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notices.addresses import allowed
from services.notices.mail import mailer
from services.notices.notice import LONGEST_DELAY_SECONDS, MAX_ATTEMPTS, retry_delay
from services.notices.plan import CITIZEN, STAFF
from services.notices.texts import LANGUAGES, render, templates

WORDS = dict.fromkeys(
    (
        *("city", "receipt_number", "title", "agency", "department", "due", "state_url"),
        *("lookup_code", "text", "reason", "until", "reply", "outcome", "outcome_reason"),
        *("remedy", "officer", "automated", "ai_text", "parent"),
    ),
    "가나",
)


@given(st.integers(1, MAX_ATTEMPTS), st.floats(0, 1))
def test_delays_grow_within_their_bounds(attempts: int, chance: float) -> None:
    delay = retry_delay(attempts, chance)
    assert 8 <= delay < LONGEST_DELAY_SECONDS * 1.2 + 1
    assert delay <= retry_delay(attempts + 1, 0) or delay >= LONGEST_DELAY_SECONDS * 0.8


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_says_what_it_is_given_and_keeps_to_a_line(language: str) -> None:
    names = set(templates(language)) - {"frame", "outcomes"}
    assert names == {*CITIZEN.values(), *STAFF}
    for name in names:
        text = render(name, language, {**WORDS, "title": "제목\r\nBcc: x", "city": "{{ 7 * 7 }}"})
        assert "\n" not in text.subject + text.sms
        assert "{{ 7 * 7 }}" in text.subject, "what is filled in is not filled in again"
        empty = render(name, language, dict.fromkeys(WORDS, ""))
        assert "{%" not in empty.body


@pytest.mark.parametrize(
    "inside",
    [
        *("127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),  # noqa: S104
        *("::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "::"),
        *("::10.0.0.1", "fec0::1"),
    ],
)
def test_addresses_inside_are_told_from_public_ones(inside: str) -> None:
    address = ipaddress.ip_address(inside)
    assert not allowed(address, ())
    assert allowed(address, (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")))
    assert allowed(ipaddress.ip_address("1.1.1.1"), ())
    assert allowed(ipaddress.ip_address("2606:4700::1111"), ())


def test_a_mail_url_is_read_and_its_password_is_not_repeated() -> None:
    read = mailer("smtp://u%40x:p%2Fw@mail.example:2525?starttls", "a@city.example")
    assert (read.user, read.password, read.port, read.starttls) == ("u@x", "p/w", 2525, True)
    assert mailer("smtps://mail.example", "a@city.example").port == 465
    for url, sender in [("http://secret@x", "a@b.c"), ("smtp://u:secret@x?tls", "a@b.c")]:
        with pytest.raises(Exception, match="MINWON_SMTP_URL") as caught:
            mailer(url, sender)
        assert "secret" not in str(caught.value)
