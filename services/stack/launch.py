"""Become a child program: tie its life to its parent's, drop root, then exec.

Run by path in a fresh interpreter (`python -I -S launch.py PARENT SIGNAL IDENTITY ARGV...`), so
that nothing runs between fork and exec in the parent, which may have threads. Only the standard
library is used. IDENTITY is `-` (stay who we are), `UID:GID`, or `UID:GID:reach`.

`reach` is for Postgres, which refuses to run as root, when its files lie below a folder closed to
others, such as /root. The program then keeps the one capability to pass such folders. See
capabilities(7): an ambient capability survives exec without set-user-ID; SECBIT_NO_SETUID_FIXUP
keeps it across setuid and lets access(2), which Postgres asks about its own binary, honour it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
CAPABILITY_VERSION_3 = 0x20080522

EXIT_CANNOT_DROP = 125
EXIT_NOT_FOUND = 127


def main(arguments: Sequence[str]) -> None:
    """Exec ARGV; exit 125 when root cannot be dropped, 127 when the program cannot be run."""
    parent, death_signal, identity, *argv = arguments
    os.umask(0o077)
    try:
        if identity != "-":
            drop(identity)
        if sys.platform == "linux":
            _prctl(PR_SET_PDEATHSIG, int(death_signal))  # cleared by setuid, hence after it
    except OSError as error:
        _fail(EXIT_CANNOT_DROP, f"cannot change to the user that runs {argv[0]}: {error.strerror}")
    if os.getppid() != int(parent):
        sys.exit(0)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    try:
        os.execv(argv[0], argv)  # noqa: S606
    except OSError as error:
        _fail(EXIT_NOT_FOUND, f"cannot run {argv[0]}: {error.strerror}")


def drop(identity: str) -> None:
    """Give up root for `UID:GID`, with `:reach` but for passing closed folders."""
    uid, gid, *reach = identity.split(":")
    if reach:
        _prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP)
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
    if reach:
        _keep_only(_passing_capability())
    if sys.platform == "linux":
        _prctl(PR_SET_NO_NEW_PRIVS, 1)


def _passing_capability() -> int:
    """Return the weaker CAP_DAC_READ_SEARCH; a container often holds CAP_DAC_OVERRIDE alone."""
    data = (ctypes.c_uint32 * 6)()
    header = ctypes.create_string_buffer(struct.pack("=Ii", CAPABILITY_VERSION_3, 0))
    _check(_libc().capget(header, data))
    permitted = data[1]
    return CAP_DAC_READ_SEARCH if permitted & (1 << CAP_DAC_READ_SEARCH) else CAP_DAC_OVERRIDE


def _keep_only(capability: int) -> None:
    bit = 1 << capability
    header = ctypes.create_string_buffer(struct.pack("=Ii", CAPABILITY_VERSION_3, 0))
    data = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable
    _check(_libc().capset(header, data))
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability)


def _prctl(option: int, *values: int) -> None:
    words = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    _check(_libc().prctl(option, *words))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _fail(code: int, message: str) -> None:
    sys.stderr.write(message + "\n")
    sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
