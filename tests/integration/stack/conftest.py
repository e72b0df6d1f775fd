"""A folder for each test's data, and a look at what still runs on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.integration.stack.watch import running_on


@pytest.fixture
def folder() -> Iterator[Path]:
    """A private folder (mode 700), short enough for sockets; nothing may be left running on it."""
    with TemporaryDirectory(prefix="mw-", ignore_cleanup_errors=True) as name:
        yield Path(name)
        assert running_on(Path(name)) == []
