"""Where files lie: a folder (`file://`) or any S3-compatible store (`s3://bucket/prefix`).

An object is there whole or not at all: both stores write aside and put the object in its place at
the end. The S3 client takes its endpoint and keys from the variables that all its kin read:
`AWS_ENDPOINT`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`. An endpoint written with
http:// is taken as meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import BinaryIO, Final
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from services.errors import ConfigurationError, Unavailable

TIMEOUT: Final = timedelta(seconds=20)
RETRIES: Final = 2
_CHUNK: Final = 256 * 1024


class StorageAway(Unavailable):
    """Files cannot be kept or read just now; nothing was accepted. Please try again."""


class Storage:
    """Connects at the first use, so that a store that is away stops nothing else."""

    def __init__(self, url: str) -> None:
        """Raises `ConfigurationError` for a URL of another kind."""
        self._open = _opener(url)
        self._opened: ObjectStore | None = None

    def put(self, key: str, file: BinaryIO) -> None:
        """Raises `StorageAway`, also when the disk is full; then nothing is kept."""
        with _told():
            obstore.put(self._store(), key, file)

    def get(self, key: str) -> Iterator[bytes]:
        """The object in pieces; raises `StorageAway` before the first if it cannot be read."""
        with _told():
            pieces = iter(obstore.get(self._store(), key).stream(_CHUNK))
        return (bytes(piece) for piece in pieces)

    def delete(self, key: str) -> None:
        """Deletes what is there; what is not there is well."""
        with _told():
            try:
                obstore.delete(self._store(), key)
            except FileNotFoundError:
                return

    def _store(self) -> ObjectStore:
        if self._opened is None:
            self._opened = self._open()
        return self._opened


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise StorageAway from error


def _opener(url: str) -> Callable[[], ObjectStore]:
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path.startswith("/"):
        folder = unquote(parts.path)
        return lambda: LocalStore(folder, mkdir=True)
    if parts.scheme == "s3" and parts.netloc:
        return lambda: S3Store.from_url(
            url,
            client_options={"timeout": TIMEOUT, "allow_http": True},
            retry_config={"max_retries": RETRIES, "retry_timeout": TIMEOUT},
        )
    raise ConfigurationError("MINWON_STORAGE is file:///folder or s3://bucket/prefix")
