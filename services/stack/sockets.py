"""Where the unix sockets lie: a path the kernel, URLs and Postgres' own settings can all hold."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.stack.errors import StackError

LONGEST_SOCKET = 107
"""Bytes of a socket's path, less its closing NUL: unix(7)."""

LONGEST_NAME = len("/postgres/.s.PGSQL.5432")
PLAIN = re.compile(r"[A-Za-z0-9/._-]+")


@contextmanager
def socket_folder(run: Path) -> Iterator[Path]:
    """Make an empty folder for sockets for the block: `run`/sockets, where its path is fit.

    Otherwise it is a folder of ours in the system's folder for temporary files, named after `run`.
    Raises StackError when somebody else holds that name.
    """
    run = run.resolve()
    name = f"minwon-{hashlib.sha256(os.fsencode(run)).hexdigest()[:12]}"
    candidates = (run / "sockets", Path(tempfile.gettempdir()) / name, Path("/tmp") / name)  # noqa: S108
    folder = next(path for path in candidates if _fits(path) or path == candidates[-1])
    _clear(folder)
    # Root's programs run as two users: both pass, neither lists.
    folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fits(path: Path) -> bool:
    text = str(path)
    return len(text) + LONGEST_NAME <= LONGEST_SOCKET and PLAIN.fullmatch(text) is not None


def _clear(folder: Path) -> None:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise StackError(f"{folder} belongs to somebody else; remove it or set TMPDIR")
    shutil.rmtree(folder)
