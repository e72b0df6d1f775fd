"""Words for search: what Postgres is given for texts and for what people look for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cases.search.words import LAST_PLACE, document, query


def test_a_text_becomes_pairs_in_their_places() -> None:
    assert document(["가로등 고장", "LED등 20260803-0000012"]) == (
        "'가로':1 '로등':2 '등':3 '고장':5 '장':6 'led':8 '등':10 '20260803':12 '0000012':14"
    )
    assert document([None, "", "!?"]) == ""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("가로등", "('가로' <-> '로등')"),
        ("가로등 고장", "('가로' <-> '로등') & ('고장')"),
        ("개", "'개':*"),
        ("LED", "'led':*"),
        ("20260803-0000012", "'20260803':* & '0000012':*"),
        ("'; DROP TABLE cases; --", "'drop':* & 'table':* & 'cases':*"),
        ("&|!():*<->'\\", ""),
        ("道路破損", "('道路' <-> '路破' <-> '破損')"),
        ("🔥🔥", "('🔥🔥')"),
        ("가가 가가", "('가가')"),
    ],
)
def test_what_is_looked_for(text: str, wanted: str) -> None:
    assert query(text) == wanted


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(text=st.text(st.characters(exclude_characters="\0"), max_size=300))
def test_no_text_leaves_the_quotes_it_is_put_in(text: str) -> None:
    for made in (document([text]), query(text)):
        assert not set(made) & set('\\;"\u0000')
        assert made.count("'") % 2 == 0


def test_a_very_long_text_ends_in_time() -> None:
    assert int(document(["가" * 20_000]).rpartition(":")[2]) == LAST_PLACE
