"""The operating-system account Postgres runs as: our own, or an unprivileged one when we are root.

Postgres refuses to run as root. An existing cluster runs as its owner; a new one as `postgres` or
`nobody`, whichever the machine has.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from services.stack.errors import StackError

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user other than root to drop to."""

    uid: int
    gid: int

    def identity(self, paths: list[Path]) -> str:
        """Return the launcher's IDENTITY under which a program reaches all of `paths`."""
        name = f"{self.uid}:{self.gid}"
        return name if self._reaches(paths) else f"{name}:reach"

    def _reaches(self, paths: list[Path]) -> bool:
        """Ask the kernel, as that user: modes alone know nothing of ACLs."""
        question = 'for path; do test -r "$path" && test -x "$path" || exit 1; done'
        return not subprocess.run(
            ["/bin/sh", "-c", question, "sh", *map(str, paths)],
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            cwd="/",
            check=False,
        ).returncode

    def give(self, folder: Path) -> None:
        """Make `folder` and all below it this user's."""
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account_for(cluster: Path) -> Account | None:
    """Return who is to run the cluster in folder `cluster`, None when it is ourselves.

    Raises StackError when the cluster is another user's and we are not root, or when root finds
    no unprivileged user.
    """
    owner = cluster.stat() if cluster.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise StackError("the database in the data folder belongs to another user")
        return None
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    return _unprivileged()


def _unprivileged() -> Account:
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid)
    raise StackError("Postgres does not run as root, and there is no user postgres or nobody")
