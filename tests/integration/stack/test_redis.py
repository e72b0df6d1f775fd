"""The embedded Redis keeps its data over a kill and listens on no port."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import redis
from kombu.connection import Connection

from services.stack.redis import EmbeddedRedis
from services.stack.supervisor import Supervisor
from tests.integration.stack.watch import until, until_dead


def test_killed_it_comes_back_with_its_data(folder: Path) -> None:
    server = EmbeddedRedis(folder / "빈 칸", folder / "sockets")
    supervisor = Supervisor(folder / "log", folder / "processes.json", print)
    supervisor.start(server.program())
    try:
        until(server.ready)
        with redis.Redis.from_url(server.client_url()) as client:
            client.set("kept", "42")
            settings = client.config_get("*")
            number = int(client.info("server")["process_id"])
        assert settings["port"] == "0"
        assert settings["maxmemory-policy"] == "noeviction"
        assert settings["appendfsync"] == "everysec"
        os.kill(number, signal.SIGKILL)
        until_dead(supervisor, "redis")
        until(server.ready)
        with Connection(server.url()) as broker:  # type: ignore[no-untyped-call]
            channel = broker.default_channel
            assert channel.client.get("kept") == b"42"
    finally:
        supervisor.stop()
