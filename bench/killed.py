"""What it costs to be killed: `python -m bench.killed`.

The real command reads everything from a fake Asana in a process of its own, once to its end and once killed five times
with SIGKILL at random moments, each time started again with the last STATE that it wrote. What was written by then, up
to that STATE, must hold every record of Asana's; and all attempts together may take a tenth more requests than the one
read. Prints for each extraction method how many requests that were and what was lacking; exits with 1 where it is more.

A kill costs what every start asks, what was in flight, what came after the last STATE, and the lists that were opened
ahead: a hundred requests or two, by lists also the pages of the project in the middle of which it came. Five of them
are less than a tenth of a read that takes long; of one that takes seconds they would be more.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import msgspec
import requests

from bench.report import Section, rows, verdict
from scripts.pipeline import control, served

KILLS = 5
MOST = 1.10
"""Requests of the read that was killed, for each request of the one that was not."""

TASKS, LATENCY = 12_000, 20
"""Tasks of the world, and milliseconds that an answer takes."""

FAMILY = ("tasks", "stories", "attachments")
CORE = (
    *("workspaces", "users", "teams", "team_memberships", "workspace_memberships", "projects", "sections", "tags"),
    *("custom_fields", *FAMILY),
)
TOKENS = {"list": "0/fake", "search": "0/fake", "auto": "0/fake", "export": "0/service"}
UNHINDERED = 10**6
"""Requests a minute: the pace is not what is measured."""

Json = dict[str, Any]


@dataclass
class Written:
    """What a run wrote, as far as a STATE vouches for it, or to its end: keys by stream, and the STATE."""

    lines: int = 0
    state: Json = field(default_factory=dict)
    gids: dict[str, set[str]] = field(default_factory=dict)
    loose: list[tuple[str, str]] = field(default_factory=list)

    def take(self, line: bytes) -> None:
        """Read one line; what a killed process left half written is none."""
        if not line.endswith(b"\n"):
            return
        self.lines += 1
        message = msgspec.json.decode(line)
        if message["type"] == "RECORD":
            self.loose.append((message["stream"], message["record"]["gid"]))
        elif message["type"] == "STATE":
            self.state = message["value"]
            for stream, gid in self.loose:
                self.gids.setdefault(stream, set()).add(gid)
            self.loose = []


@dataclass(frozen=True)
class Command:
    """The tap with settings, a catalog and a state, in a folder."""

    folder: Path
    address: str
    method: str
    streams: Sequence[str] = CORE
    in_flight: int = 20
    token: str = ""

    def arguments(self, state: Json) -> list[str | Path]:
        """Write the files and return the command."""
        config = {
            "access_token": self.token or TOKENS[self.method],
            "api_url": self.address,
            "extraction_method": self.method,
            "max_concurrency": self.in_flight,
            "requests_per_minute": UNHINDERED,
        }
        files = {"config": config, "catalog": catalog(self.streams), **({"state": state} if state else {})}
        for name, content in files.items():
            (self.folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        options = (part for name in files for part in (f"--{name}", self.folder / f"{name}.json"))
        return [sys.executable, "-m", "tap_asana", *options]

    @contextmanager
    def started(self, state: Json | None = None) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
        """Start the process; yields it and its standard output. What it logs goes into the file `log`."""
        here = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        with (
            (self.folder / "log").open("w") as errors,
            subprocess.Popen(self.arguments(state or {}), env=here, stdout=subprocess.PIPE, stderr=errors) as process,
        ):
            assert process.stdout  # noqa: S101 - it was asked for
            try:
                yield process, process.stdout
            finally:
                process.kill()

    def run(self, state: Json | None = None, lines: int | None = None) -> Written:
        """Run to the end, or kill the process when it has written so many lines; raises CalledProcessError."""
        written = Written(state=state or {})
        with self.started(state) as (process, output):
            for line in output:
                written.take(line)
                if lines is not None and written.lines >= lines:
                    process.kill()
            status = process.wait()
        if status and lines is None:
            raise subprocess.CalledProcessError(status, "tap_asana", stderr=(self.folder / "log").read_bytes()[-2000:])
        return written


def catalog(streams: Sequence[str]) -> Json:
    """Return the tap's catalog with these streams selected."""
    command = [sys.executable, "-m", "tap_asana", "--discover"]
    found: Json = json.loads(
        subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    )
    for entry in found["streams"]:
        for metadata in entry["metadata"]:
            if not metadata["breadcrumb"]:
                metadata["metadata"]["selected"] = entry["tap_stream_id"] in streams
    return found


def asked(address: str) -> int:
    """Return how many requests the fake has answered."""
    total: int = requests.get(control(address, "requests"), timeout=60).json()["total"]
    return total


def lacking(address: str, command: Command, gids: dict[str, set[str]]) -> int:
    """Return how many records of Asana's are not among those that were written."""
    lost = 0
    for stream in command.streams:
        url = control(address, f"truth/{stream}?token={TOKENS[command.method]}")
        lost += len({row["gid"] for row in requests.get(url, timeout=600).json()} - gids.get(stream, set()))
    return lost


@dataclass(frozen=True)
class Cost:
    """Requests of a read that was not killed and of one that was, and the records that the latter lacks."""

    once: int
    killed: int
    lost: int

    @property
    def ratio(self) -> float:
        """Return how many requests the killed read took for each of the other."""
        return self.killed / self.once

    @property
    def passes(self) -> bool:
        """Tell whether nothing was lost and little repeated."""
        return self.lost == 0 and self.ratio <= MOST


def measure(world: Sequence[str], method: str, seed: int, streams: Sequence[str] = CORE, in_flight: int = 20) -> Cost:
    """Read a world twice, the second time with kills."""
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    with tempfile.TemporaryDirectory() as folder:
        with served(*world) as address:
            whole = Command(Path(folder), address, method, streams, in_flight).run()
            once = asked(address)
        moments = sorted(chance.randrange(1, whole.lines) for _ in range(KILLS))
        gids: dict[str, set[str]] = {}
        state: Json = {}
        with served(*world) as address:
            command = Command(Path(folder), address, method, streams, in_flight)
            for lines in (*(b - a + 1 for a, b in zip([0, *moments], moments, strict=False)), None):
                written = command.run(state, lines)
                state = written.state
                for stream, found in written.gids.items():
                    gids.setdefault(stream, set()).update(found)
            return Cost(once, asked(address), lacking(address, command, gids))


def costs(
    tasks: int, latency: float = LATENCY, methods: Iterable[str] = TOKENS, seeds: Sequence[int] = (1,)
) -> Iterator[tuple[str, Cost]]:
    """Measure each method with the moments of each seed, over a world of so many tasks."""
    sizes = {"workspaces": 1, "tasks": tasks, "projects": tasks // 70, "latency": latency}
    world = [word for name, size in sizes.items() for word in (f"--{name}", f"{size}")]
    for method in methods:
        for seed in seeds:
            yield method, measure(world, method, seed)


def table(found: Iterable[tuple[str, Cost]]) -> list[str]:
    """Return the lines of a Markdown table."""
    heads = ("method", "requests:", f"killed {KILLS} times:", "ratio:", "at most:", "records lost:", "goal")
    return rows(heads, (_cells(method, cost) for method, cost in found))


def _cells(method: str, cost: Cost) -> list[str]:
    return [
        method,
        f"{cost.once:,}",
        f"{cost.killed:,}",
        f"{cost.ratio:.3f}",
        f"{MOST:.2f}",
        f"{cost.lost:,}",
        verdict(cost.passes),
    ]


def section(tasks: int) -> Section:
    """Measure all methods over a world of so many tasks."""
    found = list(costs(tasks))
    quotes = [
        f"A first read of {tasks:,} tasks, {method}, killed {KILLS} times: {cost.ratio:.3f} times the requests, "
        f"{cost.lost:,} records lost."
        for method, cost in found
    ]
    return Section("Kills", table(found), quotes)


def main() -> int:
    """Measure each method and print."""
    parser = argparse.ArgumentParser(description="Kill first reads five times and count what they repeat.")
    parser.add_argument("--tasks", type=int, default=TASKS, help="tasks of the world (default: %(default)s)")
    parser.add_argument("--latency", type=float, default=LATENCY, help="milliseconds an answer (default: %(default)s)")
    parser.add_argument("--methods", nargs="*", default=list(TOKENS), help="default: %(default)s")
    parser.add_argument("--seeds", type=int, nargs="*", default=[1], help="of the moments (default: %(default)s)")
    options = parser.parse_args()
    found = list(costs(options.tasks, options.latency, options.methods, options.seeds))
    print("\n".join(table(found)))
    return int(not all(cost.passes for _, cost in found))


if __name__ == "__main__":
    sys.exit(main())
