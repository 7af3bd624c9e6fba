"""Run the real `tap_asana` command against a fake Asana, each in its own process."""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

import msgspec
import requests

from bench.local import ProcessCost
from bench.replay import select
from scripts.pipeline import ROOT, control

TOKENS: Mapping[str, str] = {"list": "0/fake", "search": "0/fake", "auto": "0/fake", "export": "0/service"}
"""The fake's token for each extraction method: exports need a service account."""

UNLIMITED = 1_000_000
"""Requests per minute, high enough that the rate limiter never waits."""

Json = dict[str, Any]

MEASURE = """
import json, os, sys, time
report, *command = sys.argv[1:]
start = time.monotonic()
_, status, usage = os.wait4(os.posix_spawn(command[0], command, os.environ), 0)
wall = time.monotonic() - start
cost = os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss
os.write(int(report), json.dumps(cost).encode())
"""
"""A small process that starts the measured one, whose peak memory is at least that of the process that it came from."""


@cache
def compile_sources() -> None:
    """Compile the command as pip does when it installs it.

    Otherwise each start would compile it again wherever PYTHONDONTWRITEBYTECODE is set.
    """
    for package in ("tap_asana", "bench"):
        if not compileall.compile_dir(ROOT / package, quiet=1):
            raise RuntimeError(f"{package} cannot be compiled")


def environment(address: str, method: str, **settings: object) -> dict[str, str]:
    """Return the environment variables that configure the tap."""
    config = {"access_token": TOKENS[method], "api_url": address, "extraction_method": method, **settings}
    variables = {f"TAP_ASANA_{name.upper()}": str(value) for name, value in config.items()}
    return {**os.environ, **variables, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def sync(
    address: str,
    method: str,
    streams: Iterable[str] = (),
    state: Mapping[str, Any] | None = None,
    **settings: object,
) -> tuple[ProcessCost, Json]:
    """Run the tap for these streams, or all; return the cost, start-up included, and the last STATE.

    Raises RuntimeError if the tap fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = {"catalog": select(streams) if streams else None, "state": state}
        command = [sys.executable, "-m", "tap_asana", "--config", "ENV"]
        for name, content in files.items():
            if content is not None:
                path = Path(folder, f"{name}.json")
                path.write_text(json.dumps(content), encoding="utf-8")
                command += [f"--{name}", str(path)]
        variables = environment(address, method, **{"requests_per_minute": UNLIMITED, **settings})
        with Path(folder, "output").open("wb+") as output:
            cost = run_measured(command, variables, output.fileno())
            output.seek(0)
            return cost, last_state(output)


def run_measured(command: list[str], variables: Mapping[str, str] | None, output: int) -> ProcessCost:
    """Run a command to its end and return its cost. Raises RuntimeError if it fails."""
    compile_sources()
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", MEASURE, str(writer), *command],
        env=variables,
        stdout=output,
        stderr=subprocess.DEVNULL,
        pass_fds=[writer],
    )
    os.close(writer)
    with os.fdopen(reader, "rb") as report:
        status, cpu, wall, peak = json.loads(report.read())
    process.wait()
    if status:
        raise RuntimeError(f"{' '.join(command)} exited with {status}")
    return ProcessCost(cpu, wall, peak / 1024)


def last_state(lines: Iterable[bytes]) -> Json:
    """Return the value of the last STATE message."""
    last = b"{}"
    for line in lines:
        if line.startswith(b'{"type":"STATE"'):
            last = line
    state: Json = json.loads(last).get("value", {})
    return state


def request_counts(address: str) -> Json:
    """Return the fake's request counts so far: `total`, `busy` (429s), and those by `templates` and `statuses`."""
    counts: Json = requests.get(control(address, "requests"), timeout=60).json()
    return counts


@dataclass
class Output:
    """The output of a run: the last STATE, and the gids by stream of the records that a STATE has confirmed."""

    lines: int = 0
    state: Json = field(default_factory=dict)
    gids: dict[str, set[str]] = field(default_factory=dict)
    unconfirmed: list[tuple[str, str]] = field(default_factory=list)

    def add(self, line: bytes) -> None:
        """Add a line; the incomplete last line of a killed process is ignored."""
        if not line.endswith(b"\n"):
            return
        self.lines += 1
        message = msgspec.json.decode(line)
        if message["type"] == "RECORD":
            self.unconfirmed.append((message["stream"], message["record"]["gid"]))
        elif message["type"] == "STATE":
            self.state = message["value"]
            for stream, gid in self.unconfirmed:
                self.gids.setdefault(stream, set()).add(gid)
            self.unconfirmed = []


@dataclass(frozen=True)
class Command:
    """The tap with settings and a catalog, whose files are in `folder`; its output can be read while it runs."""

    folder: Path
    address: str
    method: str
    streams: Sequence[str]
    in_flight: int = 20
    token: str = ""

    def arguments(self, state: Json) -> list[str | Path]:
        """Write the files and return the command line."""
        config = {
            "access_token": self.token or TOKENS[self.method],
            "api_url": self.address,
            "extraction_method": self.method,
            "max_concurrency": self.in_flight,
            "requests_per_minute": UNLIMITED,
        }
        files = {"config": config, "catalog": select(self.streams), **({"state": state} if state else {})}
        for name, content in files.items():
            (self.folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        options = (part for name in files for part in (f"--{name}", self.folder / f"{name}.json"))
        return [sys.executable, "-m", "tap_asana", *options]

    @contextmanager
    def start(self, state: Json | None = None) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
        """Start the process; yield it and its standard output. Its log goes to the file `log`."""
        compile_sources()
        variables = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        with (
            (self.folder / "log").open("w") as log,
            subprocess.Popen(self.arguments(state or {}), env=variables, stdout=subprocess.PIPE, stderr=log) as process,
        ):
            assert process.stdout  # noqa: S101 - set by stdout=PIPE
            try:
                yield process, process.stdout
            finally:
                process.kill()

    def run(self, state: Json | None = None, max_lines: int | None = None) -> Output:
        """Run to the end, or kill the process after `max_lines` lines; raises CalledProcessError if it fails."""
        output = Output(state=state or {})
        with self.start(state) as (process, lines):
            for line in lines:
                output.add(line)
                if max_lines is not None and output.lines >= max_lines:
                    process.kill()
            status = process.wait()
        if status and max_lines is None:
            raise subprocess.CalledProcessError(status, "tap_asana", stderr=(self.folder / "log").read_bytes()[-2000:])
        return output
