"""Servers for tests end with the tests, even when those are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from services.stack.testing import embedded_servers
from tests.integration.stack.watch import running_on

KILLED = """
import os, signal, sys
from pathlib import Path
from services.stack.testing import embedded_servers
with embedded_servers(Path(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_both_answer_and_databases_are_copied(folder: Path) -> None:
    with embedded_servers(folder) as servers:
        with psycopg.connect(servers.create_database("model")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1")
        with psycopg.connect(servers.create_database("copy", template="model")) as connection:
            assert connection.execute("TABLE kept").fetchone() == (1,)
        assert servers.database_url("copy") == servers.create_database("copy")
        with redis.Redis.from_url(servers.redis.client_url(3)) as client:
            assert client.ping()


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's parent-death signal")
def test_killed_tests_leave_nothing(folder: Path) -> None:
    result = subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False)
    assert result.returncode == -signal.SIGKILL
    assert running_on(folder) == []
