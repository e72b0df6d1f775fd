"""`minwon up` with small programs in place of the service's own: real servers, quick to start.

    python -m tests.integration.stack.stand_in DATA_DIR PORT [DATABASE_URL REDIS_URL]

BREAK in the environment names a program that ends at once, HANG one that never gets ready.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from services.stack.options import Keys, Options
from services.stack.processes import Program
from services.stack.up import up

BEAT = """
import os, sys, time, psycopg
beat = (
    "INSERT INTO heartbeats (process, at) VALUES (%s, now())"
    " ON CONFLICT (process) DO UPDATE SET at = excluded.at"
)
while True:
    try:
        with psycopg.connect(os.environ["MINWON_DATABASE_URL"], autocommit=True) as connection:
            while True:
                connection.execute(beat, sys.argv[1:])
                time.sleep(0.2)
    except psycopg.Error:
        time.sleep(0.2)
"""

API = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

HTTPServer((sys.argv[1], int(sys.argv[2])), Ready).serve_forever()
"""


def programs(
    host: str, port: int, workers: int, run: Path, env: Mapping[str, str]
) -> list[Program]:
    commands: dict[str, tuple[str, ...]] = {
        name: (BEAT, name) for name in ("worker", "relay", "beat")
    }
    commands |= {"api": (API, host, str(port)), env.get("BREAK", ""): ("raise SystemExit(3)",)}
    commands |= {env.get("HANG", ""): ("import time; time.sleep(600)",)}
    return [
        Program(name, (sys.executable, "-c", *command), env, run)
        for name, command in commands.items()
        if name
    ]


def prepare(database_url: str, city_pack: Path, keys: Keys | None) -> Keys:
    return keys or {"channel": os.urandom(8).hex(), "staff": {"북구청": "x"}}


def main(arguments: list[str]) -> int:
    folder, port, *urls = arguments
    database_url, redis_url = urls or (None, None)
    environ = os.environ | {"MINWON_CITY_PACK": "/", "MINWON_MODEL": "/"}
    options = Options(
        Path(folder),
        environ,
        port=int(port),
        database_url=database_url,
        redis_url=redis_url,
        durable=False,
    )
    return up(options, prepare, programs=programs)


if __name__ == "__main__":
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # though whoever runs the tests ignores it
    sys.exit(main(sys.argv[1:]))
