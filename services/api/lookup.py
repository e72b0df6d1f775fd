"""A citizen's way to a case: its receipt number and the lookup code that goes with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from services.api.backend import Backend
from services.cases import store
from services.cases.case import Case
from services.database import Connection, Scope
from services.errors import NotFound

RECEIPT_NUMBER = re.compile(r"\d{8}-\d{7,10}", re.ASCII)


@contextmanager
def opened(back: Backend, receipt_number: str, code: str) -> Iterator[tuple[Connection, Case]]:
    """A transaction that sees this one case.

    A wrong code and a number that does not exist are both `NotFound`; after ten in a minute
    `TooManyAttempts` is raised whatever the code.
    """
    if not RECEIPT_NUMBER.fullmatch(receipt_number):
        raise NotFound
    back.lookups.check(receipt_number)
    with back.database.transaction(Scope("citizen", receipt=receipt_number)) as conn:
        case = store.find_case_by_receipt(conn, receipt_number)
        if case is None or not back.sealer.lookup_matches(case.id, code):
            back.lookups.failed(receipt_number)
            raise NotFound
        yield conn, case
