"""Run other open connectors next to the tap: `python -m bench.peers --singer-io PYTHON --dlt PYTHON`.

PYTHON is that of an environment in which the connector is installed: singer-io's `tap-asana==2.5.1`, or `dlt`,
`asana<5` and `ingestr<0.14`, which has a copy of dlt's Asana source. Without the option a connector is left out.

Each connector reads a fake Asana of its own, all with the same world, three times: first, unchanged, and after the
changes of a day. The tap reads the streams of dlt's tables; singer-io's tap reads all of its own. Found are the
tasks and stories of the world that a run wrote, those changed since the run before in the last one. Megabytes are the
peak of the process, seconds include its start.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from bench import peer_runs
from bench.command import TOKENS, Json, environment, last_state, request_counts, run_measured
from bench.local import ProcessCost
from bench.replay import select
from bench.report import rows
from scripts.pipeline import control, served

STREAMS = ("workspaces", "users", "projects", "sections", "tags", "tasks", "stories")
"""What this tap reads: all that `peer_runs.dlt_asana` reads."""

COUNTED: Mapping[str, tuple[str, ...]] = {"tasks": ("tasks", "subtasks"), "stories": ("stories",)}
"""The streams of all connectors that hold the tasks and the stories."""

TASKS, LATENCY_MS = 300, 50

Arguments = Callable[[str, Path, Json], list[str | Path]]


def the_tap(_: str, folder: Path, state: Json) -> list[str | Path]:
    """Return the tap's command line for an address, a folder and a state."""
    files = {"catalog": select(STREAMS), "state": state}
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    options = (part for name in files for part in (f"--{name}", folder / f"{name}.json"))
    return [sys.executable, "-m", "tap_asana", "--config", "ENV", *options]


def singer_io(python: str) -> Arguments:
    """Return the function that returns the command line of singer-io's tap."""

    def arguments(address: str, folder: Path, state: Json) -> list[str | Path]:
        (folder / "state.json").write_text(json.dumps(state), encoding="utf-8")
        return [python, "-I", _file("singer_io.py"), address, *([folder / "state.json"] if state else [])]

    return arguments


def dlt(python: str) -> Arguments:
    """Return the function that returns the command line of dlt's source, which keeps its state itself."""
    return lambda address, folder, _: [python, "-I", _file("dlt_asana.py"), address, folder / "pipelines"]


def _file(name: str) -> Path:
    return Path(peer_runs.__file__).with_name(name)


@dataclass(frozen=True)
class PeerRun:
    """One run: its requests and cost, and the tasks and stories that it found, of those that it should have."""

    name: str
    requests: int
    cost: ProcessCost
    found: Mapping[str, int]
    wanted: Mapping[str, int]

    def cells(self, connector: str) -> list[str]:
        """Return the cells of its row."""
        numbers = (f"{self.cost.wall:.1f}", f"{self.cost.cpu:.1f}", f"{self.cost.peak:.0f}")
        found = (f"{self.found[stream]:,} of {self.wanted[stream]:,}" for stream in COUNTED)
        return [connector, self.name, f"{self.requests:,}", *numbers, *found]


def runs(arguments: Arguments, method: str, tasks: int, latency: float) -> Iterator[PeerRun]:
    """Yield a connector's three runs; raises RuntimeError if one fails."""
    sizes = ("--workspaces", "1", "--projects", str(max(1, tasks // 50)), "--tasks", str(tasks))
    with served(*sizes, "--latency", str(latency)) as address, tempfile.TemporaryDirectory() as name:
        folder, state, before = Path(name), Json(), 0
        changed: Mapping[str, set[str]] = {stream: set() for stream in COUNTED}
        for run in ("first", "unchanged", "changed"):
            if run == "changed":
                changed = _mutate(address)
            wanted = {"first": _truth(address), "unchanged": {stream: set[str]() for stream in COUNTED}}.get(
                run, changed
            )
            command = [str(part) for part in arguments(address, folder, state)]
            with (folder / "output").open("wb+") as output:
                cost = run_measured(command, environment(address, method), output.fileno())
                output.seek(0)
                found = _gids(output)
                output.seek(0)
                state = _state(output)
            total = request_counts(address)["total"]
            counts = {stream: len(wanted[stream] & found[stream]) for stream in COUNTED}
            yield PeerRun(run, total - before, cost, counts, {stream: len(wanted[stream]) for stream in COUNTED})
            before = total


def _state(lines: Iterable[bytes]) -> Json:
    """Return the last state in any spelling of JSON."""
    compact = (json.dumps(json.loads(line), separators=(",", ":")).encode() for line in lines if b'"STATE"' in line)
    return last_state(compact)


def _gids(lines: Iterable[bytes]) -> Mapping[str, set[str]]:
    """Return the gids of the tasks and stories in messages."""
    gids: dict[str, set[str]] = {}
    for line in lines:
        message = json.loads(line)
        if message["type"] == "RECORD" and "gid" in message["record"]:
            gids.setdefault(message["stream"], set()).add(message["record"]["gid"])
    return {stream: set[str]().union(*(gids.get(name, ()) for name in names)) for stream, names in COUNTED.items()}


def _truth(address: str) -> Mapping[str, set[str]]:
    """Return the gids of all tasks and stories that the token sees."""
    urls = {stream: control(address, f"truth/{stream}?token={TOKENS['auto']}") for stream in COUNTED}
    answers = {stream: requests.get(url, timeout=600).json() for stream, url in urls.items()}
    return {stream: {row["gid"] for row in answer} for stream, answer in answers.items()}


def _mutate(address: str) -> Mapping[str, set[str]]:
    """Change the world; return the gids of the tasks and stories that the next run must bring."""
    changes = requests.post(control(address, "mutate?seed=1"), timeout=600).json()
    return {stream: gids & set(changes["changed"].get(stream, ())) for stream, gids in _truth(address).items()}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description="Run other connectors next to the tap.")
    parser.add_argument("--singer-io", metavar="PYTHON", help="the Python that has singer-io's tap-asana")
    parser.add_argument("--dlt", metavar="PYTHON", help="the Python that has dlt and its Asana source")
    parser.add_argument("--tasks", type=int, default=TASKS, help="tasks of the world (default: %(default)s)")
    parser.add_argument("--latency", type=float, default=LATENCY_MS, help="milliseconds an answer (%(default)s)")
    options = parser.parse_args()
    connectors: dict[str, tuple[Arguments, str]]
    connectors = {f"this tap, {method}": (the_tap, method) for method in ("list", "search")}
    if options.singer_io:
        connectors["singer-io 2.5.1"] = singer_io(options.singer_io), "auto"
    if options.dlt:
        connectors["dlt"] = dlt(options.dlt), "auto"
    cells = [
        run.cells(connector)
        for connector, (arguments, method) in connectors.items()
        for run in runs(arguments, method, options.tasks, options.latency)
    ]
    heads = ("connector", "run", "requests:", "seconds:", "CPU seconds:", "peak MB:", "tasks found:", "stories found:")
    print("\n".join(rows(heads, cells)))


if __name__ == "__main__":
    main()
