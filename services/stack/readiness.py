"""Whether a process really answers, and whether the machine has room for it."""

from __future__ import annotations

import errno
import http.client
import shutil
import socket
from datetime import datetime
from pathlib import Path

import psycopg
from kombu.connection import Connection as Broker
from kombu.exceptions import KombuError

from services.stack.errors import StackError

MEGABYTE = 1_000_000
ROOM_FOR_A_NEW_DATABASE = 300 * MEGABYTE
ROOM_TO_RUN = 100 * MEGABYTE


def free_port(host: str, port: int) -> int:
    """Return `port`, or one the system chose for 0; raise StackError if it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family) as server:
            chosen: int = server.getsockname()[1]
            return chosen
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            problem = f"port {port} is in use"
        elif error.errno == errno.EACCES:
            problem = f"port {port} is for root alone"
        else:
            raise StackError(f"the address to listen on is not this machine's: {host}") from None
        raise StackError(f"{problem}; choose another with --port") from None
    except OverflowError:
        raise StackError("a port is a number from 0 to 65535") from None


def check_room(folder: Path, needed: int) -> None:
    """Raise StackError unless `needed` bytes are free below `folder`."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StackError(
            f"the disk is full: {free // MEGABYTE} MB free for {folder},"
            f" {needed // MEGABYTE} MB needed"
        )


def api_answers(host: str, port: int) -> bool:
    """Tell whether GET /readyz gives 200."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def database_clock(url: str) -> datetime:
    """Return the database's time; raise StackError if it does not answer within 10 s."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            row = connection.execute("SELECT clock_timestamp()").fetchone()
    except psycopg.ProgrammingError:
        raise StackError("--database-url is not a Postgres URL") from None
    except psycopg.OperationalError as error:
        reason = str(error).splitlines()[0]
        raise StackError(f"the database does not answer: {reason}") from None
    if row is None:
        raise StackError("the database does not answer")
    moment: datetime = row[0]
    return moment


def beating(url: str, since: datetime) -> set[str]:
    """Return the processes whose heartbeat is newer than `since`, by the database's clock."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            statement = "SELECT process FROM heartbeats WHERE at > %s"
            return {name for (name,) in connection.execute(statement, (since,))}
    except psycopg.OperationalError:
        return set()


def check_broker(url: str) -> None:
    """Raise StackError unless the Redis at `url`, in Celery's form, answers."""
    try:
        with Broker(url, connect_timeout=10) as broker:  # type: ignore[no-untyped-call]
            broker.ensure_connection(max_retries=1, timeout=10)
    except (KombuError, OSError, ValueError, KeyError, ImportError):
        raise StackError("Redis does not answer at --redis-url") from None
