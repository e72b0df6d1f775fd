"""What a stack is started with: the operator's options, and what fills and shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from services.stack.processes import Program

Keys = dict[str, Any]
Demo = Callable[[str, Keys, Callable[[str], None]], object]
Accounts = Callable[[str, Callable[[Any], None]], None]
"""Makes the first accounts in the database of that URL, and has them written down before."""


class Prepare(Protocol):
    """Loads the city pack and returns the content of keys.json; `keys` is what it holds now."""

    def __call__(self, database_url: str, city_pack: Path, keys: Keys | None) -> Keys: ...


class Programs(Protocol):
    """Gives the service's own processes; `services.stack.programs.programs` is the real one."""

    def __call__(
        self, host: str, port: int, workers: int, run: Path, env: Mapping[str, str]
    ) -> list[Program]: ...


@dataclass(frozen=True, slots=True)
class Options:
    """`environ` is the caller's environment; port 0 takes a free one.

    A `database_url` or `redis_url` stands for a server of one's own in place of the embedded.
    `durable=False` lets the embedded Postgres forget commits at a power cut: for tests alone.
    """

    data_dir: Path
    environ: Mapping[str, str]
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 2
    database_url: str | None = None
    redis_url: str | None = None
    ready_within_s: float = 180.0
    durable: bool = True
