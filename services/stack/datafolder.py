"""The data folder: its layout, its format number, its lock and its secrets.

FORMAT          number of this layout
secrets.json    the key that seals contact fields and the database's password (mode 600)
keys.json       API keys for people who try the service (mode 600)
accounts.json   names and passwords to sign in with, as first made (mode 600)
audit-anchors.jsonl  the audit log's tail from time to time; best copied elsewhere (mode 600)
postgres/ redis/ log/ run/
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.stack.errors import StackError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths below `root`, which is absolute."""

    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def attachments(self) -> Path:
        return self.root / "attachments"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def processes(self) -> Path:
        return self.run / "processes.json"

    @property
    def keys(self) -> Path:
        return self.root / "keys.json"

    @property
    def accounts(self) -> Path:
        return self.root / "accounts.json"

    @property
    def anchors(self) -> Path:
        return self.root / "audit-anchors.jsonl"

    @property
    def environment(self) -> Path:
        return self.run / "environment.json"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets.json"


@dataclass(frozen=True, slots=True)
class Secrets:
    """`secret_key` is 64 hexadecimal digits."""

    secret_key: str = field(repr=False)
    postgres_password: str = field(repr=False)


@contextlib.contextmanager
def opened(root: Path) -> Iterator[DataFolder]:
    """Hold the data folder `root`, made if need be, for this process alone.

    Raises StackError when a newer version wrote it or another process holds it.
    """
    folder = DataFolder(root.expanduser().resolve())
    # As root, Postgres passes through here as another user; see account.py.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    folder.root.mkdir(mode=mode, parents=True, exist_ok=True)
    folder.run.mkdir(mode=mode, exist_ok=True)
    with (folder.run / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(f"another minwon is running on {folder.root}") from None
        _check_format(folder.root / "FORMAT")
        yield folder


def load_secrets(folder: DataFolder) -> Secrets:
    """Return the folder's secrets, made at its first use.

    Raises StackError when they are gone although there is a database: its sealed fields could
    not be opened any more, and a new key would hide that.
    """
    if not folder.secrets.exists():
        if folder.postgres.exists():
            raise StackError(f"{folder.secrets} is missing; restore it, the database needs it")
        made = Secrets(secrets.token_hex(32), secrets.token_hex(16))
        content = {"secret_key": made.secret_key, "postgres_password": made.postgres_password}
        write_private(folder.secrets, json.dumps(content, indent=2) + "\n")
    try:
        return Secrets(**json.loads(folder.secrets.read_text()))
    except (ValueError, TypeError):
        raise StackError(f"{folder.secrets} cannot be read as it was written") from None


def write_environment(folder: DataFolder, environ: Mapping[str, str]) -> None:
    """Keep the service's settings, so that other commands reach the servers of this run."""
    settings = {name: value for name, value in environ.items() if name.startswith("MINWON_")}
    write_private(folder.environment, json.dumps(settings, indent=2) + "\n")


def read_environment(root: Path) -> dict[str, str]:
    """The settings of the run on `root`, or of its last run; none where there is no such file."""
    try:
        settings = json.loads(DataFolder(root).environment.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}


def read_keys(folder: DataFolder) -> dict[str, Any] | None:
    """Return the content of keys.json, None when it is not there or not whole."""
    try:
        keys = json.loads(folder.keys.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return keys if isinstance(keys, dict) else None


def write_private(path: Path, text: str) -> None:
    """Replace the file in one step, mode 600, on the disk before this returns."""
    aside = path.with_name(path.name + ".new")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def _check_format(path: Path) -> None:
    if not path.exists():
        write_private(path, f"{FORMAT}\n")
    found = path.read_text().strip()
    if found != str(FORMAT):
        raise StackError(
            f"{path.parent} has data format {found[:20]}; this version of minwon knows {FORMAT}"
        )
