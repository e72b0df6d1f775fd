"""Files in a folder and in an S3-compatible server: whole, or not at all."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from services.errors import ConfigurationError
from services.intake.storage import Storage, StorageAway

LARGE = bytes(range(256)) * 40_000
"""Over 5 MB, so that S3 takes it in parts."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a running S3 server with one bucket."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    address = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_REGION", "us-east-1")
        boto3.client("s3", endpoint_url=address, region_name="us-east-1").create_bucket(
            Bucket="minwon"
        )
        yield address
    running.stop()


@pytest.fixture(params=["file", "s3"])
def storage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Storage:
    if request.param == "file":
        return Storage((tmp_path / "files").as_uri())
    monkeypatch.setenv("AWS_ENDPOINT", request.getfixturevalue("server"))
    return Storage("s3://minwon/files")


@pytest.mark.parametrize("content", [b"x", LARGE], ids=["small", "large"])
def test_what_is_put_is_what_is_read(storage: Storage, content: bytes) -> None:
    storage.put("aa/1", io.BytesIO(content))
    assert b"".join(storage.get("aa/1")) == content
    storage.delete("aa/1")
    storage.delete("aa/1")
    with pytest.raises(FileNotFoundError):
        storage.get("aa/1")


class _BreaksOff(io.RawIOBase):
    """A file whose disk fails after six megabytes."""

    def __init__(self) -> None:
        self._left = 6_000_000

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._left <= 0:
            raise OSError("the disk failed")
        size = min(self._left, size if size > 0 else self._left)
        self._left -= size
        return bytes(size)


def test_half_a_file_is_never_seen(storage: Storage) -> None:
    with pytest.raises(StorageAway):
        storage.put("aa/half", _BreaksOff())  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        storage.get("aa/half")


def test_a_server_that_is_away_is_told_of_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StorageAway):
        Storage("s3://minwon").put("aa/1", io.BytesIO(b"x"))


@pytest.mark.parametrize("url", ["", "files", "file://", "http://x/y", "s3://", "file:relative"])
def test_another_kind_of_store_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ConfigurationError):
        Storage(url)
