"""The real command under limits of the machine, stopped, killed and doubled: complete, or one line and resumable."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tap_process import environment, errors

from e2e.runs import MAX_SECONDS, Limit, Runs
from scripts.pipeline import served

WORLD = (
    "--workspaces",
    "1",
    "--tasks",
    "150",
    "--projects",
    "8",
    "--stories",
    "4",
    "--busiest",
    "30",
    "--latency",
    "3",
)
KILLS, STOPS = 6, 4


def limit(kind: int, size: int) -> Limit:
    """Return a function that sets a limit in the new process."""
    return lambda: resource.setrlimit(kind, (size, size))


LIMITS: Mapping[str, Limit] = {
    "64 open files": limit(resource.RLIMIT_NOFILE, 64),
    "300 MB of memory": limit(resource.RLIMIT_AS, 300_000 * 1024),
}

PLACES: tuple[Mapping[str, str], ...] = (
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
    {"TZ": "America/St_Johns", "LC_ALL": "POSIX", "PYTHONUTF8": "0"},
    {"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    {"TZ": "no such zone", "LC_ALL": "xx_YY.KOI8-R"},
)


@pytest.fixture
def address() -> Iterator[str]:
    """Serve a fake Asana of its own to each test, and yield its address."""
    with served(*WORLD) as found:
        yield found


@pytest.mark.parametrize("name", LIMITS)
def test_a_small_machine_is_enough(name: str, tmp_path: Path, address: str) -> None:
    """A run under a limit is complete, and has no error."""
    runs = Runs(tmp_path, address, max_concurrency=48)
    runs.complete(runs.start(limits=LIMITS[name]))
    assert (runs.missing(), errors(runs.log)) == ({}, [])


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place["TZ"])
def test_zones_and_locales_change_nothing(place: Mapping[str, str], tmp_path: Path, address: str) -> None:
    """Two runs in a foreign place are complete, and the second one has nothing new."""
    runs = Runs(tmp_path, address)
    runs.complete(runs.start(place))
    assert (runs.missing(), errors(runs.log)) == ({}, [])
    before = len(runs.output.records("tasks"))
    runs.complete(runs.start(place))
    assert len(runs.output.records("tasks")) - before < before


def test_two_runs_at_once_harm_nothing(tmp_path: Path, address: str) -> None:
    """Two processes with one state file are both complete, and so is a later run from either state."""
    runs = Runs(tmp_path, address)
    for _ in range(2):
        both = [runs.start(), runs.start()]
        for process in both:
            runs.complete(process)
    assert (runs.missing(), errors(runs.log)) == ({}, [])


def test_kills_at_any_moment_lose_nothing(tmp_path: Path, address: str) -> None:
    """Runs killed by SIGKILL after a random time, also while they start, lose nothing together."""
    runs, chance = Runs(tmp_path, address), random.Random(6)  # noqa: S311 - moments, not secrets
    for _ in range(KILLS):
        process = runs.start()
        time.sleep(chance.uniform(0.1, 2.5))
        process.kill()
        lines, _ = process.communicate(timeout=MAX_SECONDS)
        runs.keep(lines)
    runs.complete(runs.start())
    assert (runs.missing(), errors(runs.log)) == ({}, [])


def test_a_stopped_run_continues(tmp_path: Path, address: str) -> None:
    """SIGSTOP and SIGCONT cost only time."""
    runs = Runs(tmp_path, address)
    process = runs.start()
    for _ in range(STOPS):
        time.sleep(0.5)
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.5)
        process.send_signal(signal.SIGCONT)
    runs.complete(process)
    assert (runs.missing(), errors(runs.log)) == ({}, [])


@pytest.mark.parametrize("size", [0, 30_000, 200_000])
def test_a_full_disk_ends_the_run_and_the_next_one_resumes(size: int, tmp_path: Path, address: str) -> None:
    """If the file of the output cannot grow, the run fails without a traceback, and loses nothing."""
    runs, file = Runs(tmp_path, address), tmp_path / "output"
    with file.open("wb") as output, runs.log.open("ab") as log:
        full = limit(resource.RLIMIT_FSIZE, size)
        process = subprocess.run(
            runs.command,
            env=environment(),
            stdout=output,
            stderr=subprocess.PIPE,
            preexec_fn=full,
            timeout=MAX_SECONDS,
            check=False,
        )
        log.write(process.stderr)
    assert process.returncode == 1
    assert len(errors(runs.log)) == 1
    runs.keep(file.read_bytes())
    runs.complete(runs.start())
    assert runs.missing() == {}


def test_a_closed_output_is_one_line(tmp_path: Path, address: str) -> None:
    """Without a standard output, the run ends before it reads."""
    command = ["sh", "-c", 'exec "$@" >&-', "sh", *Runs(tmp_path, address).command]
    process = subprocess.run(command, env=environment(), stderr=subprocess.PIPE, timeout=MAX_SECONDS, check=False)
    assert process.returncode == 1
    (line,) = process.stderr.decode("utf-8").splitlines()
    assert line.endswith("Standard output is closed. Connect it to a target, a pipe or a file.")
