"""`minwon up`: the whole stack in one command, until it is asked to stop."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg

from services.errors import TriageError
from services.migrate import migrate
from services.settings import Settings
from services.stack import readiness
from services.stack.datafolder import (
    DataFolder,
    load_secrets,
    opened,
    read_keys,
    write_environment,
    write_private,
)
from services.stack.errors import StackError
from services.stack.interrupts import Interrupted, Interrupts
from services.stack.options import Accounts, Demo, Keys, Options, Prepare, Programs
from services.stack.orphans import MARK, end_orphans
from services.stack.postgres import EmbeddedPostgres
from services.stack.processes import Program
from services.stack.programs import programs as the_service
from services.stack.redis import EmbeddedRedis
from services.stack.sockets import socket_folder
from services.stack.supervisor import Supervisor

DATABASE = "minwon"
ROUND_S = 0.1
DEATHS_AT_START = 3
EXIT_INTERRUPTED = 130
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def up(
    options: Options,
    prepare: Prepare,
    demo: Demo | None = None,
    programs: Programs = the_service,
    accounts: Accounts | None = None,
) -> int:
    """Run everything until a signal; return the exit status. A database of one's own gets no
    `accounts`.

    Prints `ready URL` on standard output, what `demo` has to tell after it, progress and errors
    on standard error.
    """
    try:
        with Interrupts() as interrupts, opened(options.data_dir) as folder:
            return _Stack(options, folder, interrupts).run(prepare, demo, programs, accounts)
    except TriageError as error:
        _say(f"minwon: {error.detail}")
    except psycopg.Error as error:
        reason = str(error).splitlines()[:1] or [type(error).__name__]
        _say(f"minwon: the database failed: {reason[0]}")
    except OSError as error:
        _say(f"minwon: {error.strerror or type(error).__name__}: {error.filename or 'data folder'}")
    return 1


class _Stack:
    def __init__(self, options: Options, folder: DataFolder, interrupts: Interrupts) -> None:
        self._options = options
        self._folder = folder
        self._interrupts = interrupts
        self._supervisor = Supervisor(folder.log, folder.processes, _say)
        self._began = time.monotonic()

    def run(
        self,
        prepare: Prepare,
        demo: Demo | None,
        programs: Programs,
        accounts: Accounts | None = None,
    ) -> int:
        if ended := end_orphans(self._folder.processes, str(self._folder.root)):
            _say(f"ended what an earlier run left: {', '.join(ended)}")
        host = self._options.host
        port = readiness.free_port(host, self._options.port)
        fresh = not self._folder.postgres.exists() and not self._options.database_url
        room = readiness.ROOM_FOR_A_NEW_DATABASE if fresh else readiness.ROOM_TO_RUN
        readiness.check_room(self._folder.root, room)
        _say(f"starting on {self._folder.root}")
        with socket_folder(self._folder.run) as sockets:
            try:
                settings, env = self._servers(sockets)
                keys = self._fill(settings, prepare)
                if accounts is not None and not self._options.database_url:
                    accounts(settings.database_url, self._keep_accounts)
                own = programs(host, port, self._options.workers, self._folder.run, env)
                self._start(own, settings.database_url, port)
                self._serve(port, keys, demo)
            except Interrupted:
                return EXIT_INTERRUPTED
            finally:
                self._supervisor.stop(self._interrupts.asked_twice)
                _say("stopped")
        return 0

    def _servers(self, sockets: Path) -> tuple[Settings, dict[str, str]]:
        """Start Postgres and Redis, unless given; return the settings and the children's env."""
        secrets = load_secrets(self._folder)
        database_url = self._options.database_url or self._postgres(
            sockets / "postgres", secrets.postgres_password
        )
        redis_url = self._options.redis_url or self._redis(sockets / "redis")
        env = dict(self._options.environ)
        env.setdefault("MINWON_SECRET_KEY", secrets.secret_key)
        env.setdefault("MINWON_AUDIT_ANCHOR", str(self._folder.anchors))
        env.setdefault("MINWON_STORAGE", self._folder.attachments.as_uri())
        env |= {
            "MINWON_DATABASE_URL": database_url,
            "MINWON_REDIS_URL": redis_url,
            "PYTHONUNBUFFERED": "1",
            MARK: str(self._folder.root),
        }
        write_environment(self._folder, env)
        return Settings.from_environment(env), env

    def _postgres(self, sockets: Path, password: str) -> str:
        server = EmbeddedPostgres(
            self._folder.postgres, sockets, password, durable=self._options.durable
        )
        with self._interrupts.raising():
            server.prepare()
        self._supervisor.start(server.program())
        self._await("postgres", server.ready)
        return server.create_database(DATABASE)

    def _redis(self, sockets: Path) -> str:
        server = EmbeddedRedis(self._folder.redis, sockets)
        program = server.program()
        env = dict(program.env) | {MARK: str(self._folder.root)}
        self._supervisor.start(replace(program, env=env))
        self._await("redis", server.ready)
        return server.url()

    def _fill(self, settings: Settings, prepare: Prepare) -> Keys:
        """Migrate and load the city; return the keys, which are in keys.json now."""
        readiness.check_broker(settings.redis_url)
        readiness.database_clock(settings.database_url)
        with self._interrupts.raising():
            applied = migrate(settings.database_url)
            _say(f"database: {applied} migrations applied")
            known = read_keys(self._folder)
            keys = prepare(settings.database_url, settings.city_pack, known)
        content = json.dumps(keys, ensure_ascii=False, indent=2) + "\n"
        write_private(self._folder.keys, content)
        _say("city pack: loaded")
        return keys

    def _keep_accounts(self, made: Any) -> None:
        content = json.dumps(made, ensure_ascii=False, indent=2) + "\n"
        write_private(self._folder.accounts, content)

    def _start(self, own: list[Program], database_url: str, port: int) -> None:
        since = readiness.database_clock(database_url)
        for program in own:
            self._supervisor.start(program)
        for program in own:
            if program.name == "api":
                self._await("api", lambda: readiness.api_answers(self._address, port))
            else:
                self._await_beat(program.name, database_url, since)

    def _await_beat(self, name: str, database_url: str, since: Any) -> None:
        self._await(name, lambda: name in readiness.beating(database_url, since))

    def _serve(self, port: int, keys: Keys, demo: Demo | None) -> None:
        host = f"[{self._address}]" if ":" in self._address else self._address
        url = f"http://{host}:{port}"
        with suppress(OSError):
            print(f"ready {url}", flush=True)
        if self._folder.accounts.exists():
            _say(f"staff sign in at {url}/staff/sign-in; accounts: {self._folder.accounts}")
        if demo is not None:
            threading.Thread(target=_demonstrate, args=(demo, url, keys), daemon=True).start()
        while not self._interrupts.asked():
            self._supervisor.tend()
            time.sleep(ROUND_S)

    def _await(self, name: str, ready: Callable[[], bool]) -> None:
        """Tend all until `name` is ready; raise StackError if it keeps dying or takes too long."""
        deadline = time.monotonic() + self._options.ready_within_s
        while not ready():
            self._interrupts.check()
            self._supervisor.tend()
            if self._supervisor.deaths(name) >= DEATHS_AT_START or time.monotonic() > deadline:
                raise StackError(f"{name} does not start; see {self._supervisor.log(name)}")
            time.sleep(ROUND_S)
        _say(f"{name}: ready after {time.monotonic() - self._began:.1f} s")

    @property
    def _address(self) -> str:
        return ANY_ADDRESS.get(self._options.host, self._options.host)


def _demonstrate(demo: Demo, url: str, keys: Keys) -> None:
    try:
        demo(url, keys, lambda line: print(line, flush=True))
    except Exception as error:
        _say(f"demo: failed ({type(error).__name__})")


def _say(line: str) -> None:
    """A terminal that is gone must not stop the stack."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)
