"""Measure the cost of being killed: `python -m bench.kills`.

The real command reads a fake Asana completely: once without interruption, and once killed five times with SIGKILL at
random moments and restarted from the last STATE that it wrote. The records confirmed by a STATE must include every
record of the fake, and all attempts together may take 10 % more requests than the uninterrupted run. Prints for each
extraction method the requests and the missing records; exits with 1 if a limit is exceeded.

A kill repeats the requests of every start, those in flight, those after the last STATE, and the prefetched lists: about
100 to 200 requests, and by list also the pages of the current project. Five kills cost less than 10 % of a
long run, but more of one that takes seconds.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

from bench.command import TOKENS, Command, Json, request_counts
from bench.report import Section, goal_text, rows
from scripts.pipeline import control, served

KILLS = 5
MAX_RATIO = 1.10
"""Requests of the killed run, divided by those of the uninterrupted one."""

TASKS = 12_000
LATENCY_MS = 20

STREAMS = (
    *("workspaces", "users", "teams", "team_memberships", "workspace_memberships", "projects", "sections", "tags"),
    *("custom_fields", "tasks", "stories", "attachments"),
)


def missing_records(address: str, command: Command, gids: dict[str, set[str]]) -> int:
    """Return the number of the fake's records missing from the output."""
    missing = 0
    for stream in command.streams:
        url = control(address, f"truth/{stream}?token={TOKENS[command.method]}")
        missing += len({row["gid"] for row in requests.get(url, timeout=600).json()} - gids.get(stream, set()))
    return missing


@dataclass(frozen=True)
class KillCost:
    """The requests of an uninterrupted and of a killed run, and the records missing from the killed one."""

    uninterrupted: int
    killed: int
    missing: int

    @property
    def ratio(self) -> float:
        """Return the requests of the killed run divided by those of the uninterrupted one."""
        return self.killed / self.uninterrupted

    @property
    def passes(self) -> bool:
        """Return whether no record is missing and the ratio is within its limit."""
        return self.missing == 0 and self.ratio <= MAX_RATIO


def measure(
    world: Sequence[str], method: str, seed: int, streams: Sequence[str] = STREAMS, in_flight: int = 20
) -> KillCost:
    """Read a world twice, the second time with kills."""
    rng = random.Random(seed)  # noqa: S311 - moments, not secrets
    with tempfile.TemporaryDirectory() as folder:
        with served(*world) as address:
            output = Command(Path(folder), address, method, streams, in_flight).run()
            uninterrupted = request_counts(address)["total"]
        kill_lines = sorted(rng.randrange(1, output.lines) for _ in range(KILLS))
        gids: dict[str, set[str]] = {}
        state: Json = {}
        with served(*world) as address:
            command = Command(Path(folder), address, method, streams, in_flight)
            for max_lines in (*(b - a + 1 for a, b in zip([0, *kill_lines], kill_lines, strict=False)), None):
                output = command.run(state, max_lines)
                state = output.state
                for stream, written in output.gids.items():
                    gids.setdefault(stream, set()).update(written)
            killed = request_counts(address)["total"]
            return KillCost(uninterrupted, killed, missing_records(address, command, gids))


def costs(
    tasks: int, latency: float = LATENCY_MS, methods: Iterable[str] = TOKENS, seeds: Sequence[int] = (1,)
) -> Iterator[tuple[str, KillCost]]:
    """Measure each method with each seed on a world with this many tasks."""
    sizes = {"workspaces": 1, "tasks": tasks, "projects": tasks // 70, "latency": latency}
    world = [option for name, size in sizes.items() for option in (f"--{name}", f"{size}")]
    for method in methods:
        for seed in seeds:
            yield method, measure(world, method, seed)


def table(measured: Iterable[tuple[str, KillCost]]) -> list[str]:
    """Return the lines of a Markdown table."""
    heads = ("method", "requests:", f"killed {KILLS} times:", "ratio:", "at most:", "records lost:", "goal")
    return rows(heads, (_cells(method, cost) for method, cost in measured))


def _cells(method: str, cost: KillCost) -> list[str]:
    return [
        method,
        f"{cost.uninterrupted:,}",
        f"{cost.killed:,}",
        f"{cost.ratio:.3f}",
        f"{MAX_RATIO:.2f}",
        f"{cost.missing:,}",
        goal_text(met=cost.passes),
    ]


def section(tasks: int) -> Section:
    """Measure all methods on a world with this many tasks."""
    measured = list(costs(tasks))
    quotes = [
        f"A first run over {tasks:,} tasks, {method}, killed {KILLS} times: {cost.ratio:.3f} times the requests, "
        f"{cost.missing:,} records lost."
        for method, cost in measured
    ]
    return Section("Kills", table(measured), quotes)


def main() -> int:
    """Measure each method and print the table."""
    parser = argparse.ArgumentParser(description="Kill first runs five times and count the requests they repeat.")
    parser.add_argument("--tasks", type=int, default=TASKS, help="tasks of the world (default: %(default)s)")
    parser.add_argument("--latency", type=float, default=LATENCY_MS, help="milliseconds per answer (%(default)s)")
    parser.add_argument("--methods", nargs="*", default=list(TOKENS), help="default: %(default)s")
    parser.add_argument("--seeds", type=int, nargs="*", default=[1], help="seeds of the moments (default: %(default)s)")
    options = parser.parse_args()
    measured = list(costs(options.tasks, options.latency, options.methods, options.seeds))
    print("\n".join(table(measured)))
    return int(not all(cost.passes for _, cost in measured))


if __name__ == "__main__":
    sys.exit(main())
