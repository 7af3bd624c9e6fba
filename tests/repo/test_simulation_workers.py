"""The processes of a campaign: each seed is played once, and a process that dies is a failure of its seed alone."""

from __future__ import annotations

import os
import signal
from itertools import count

import pytest

from simulate.__main__ import main
from simulate.failures import Failure
from simulate.workers import Worker, play_seeds

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
"""Python's warning for a fork among the threads of pytest-xdist; a campaign has none."""


def failing(seed: int) -> Failure | None:
    """Fail with each third seed."""
    return None if seed % 3 else Failure(seed, ("tasks: lost",))


def fatal(seed: int) -> Failure | None:
    """Die of a signal with seed 4, leave with seed 6."""
    if seed == 4:  # the first seeds of both processes pass
        os.kill(os.getpid(), signal.SIGTERM)
    if seed == 6:
        os._exit(3)
    return None


def test_each_seed_is_played_once() -> None:
    """Those that fail come with their failures."""
    found = dict(play_seeds(range(10), failing, 2, lambda: False))
    assert sorted(found) == list(range(10))
    assert [seed for seed, failure in sorted(found.items()) if failure] == [0, 3, 6, 9]


def test_a_process_that_dies_is_a_failure_of_its_seed() -> None:
    """The seeds after it are played by a new process."""
    found = dict(play_seeds(range(1, 12), fatal, 2, lambda: False))
    assert sorted(found) == list(range(1, 12))
    lines = {seed: failure.violations for seed, failure in found.items() if failure}
    assert lines == {4: ("its process died of signal 15",), 6: ("its process died of exit code 3",)}


def test_no_seed_begins_after_the_end() -> None:
    """What is being played is finished, but a process that dies then is not the failure of its seed."""
    looks = count()
    found = dict(play_seeds(count(3), fatal, 2, lambda: next(looks) >= 2))
    assert found == {3: None}


def test_a_worker_ends_with_the_process_that_started_it() -> None:
    """A killed campaign leaves no process behind, whose answers nobody would read."""
    workers = [Worker(failing) for _ in range(2)]
    for worker in reversed(workers):  # the later one has inherited the connection of the earlier one
        worker.answers.close()
        assert worker.death() == "exit code 0"


def test_a_campaign_ends_with_its_failures_and_the_next_seed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each failed seed has one line, whatever its violations print before."""
    monkeypatch.setattr("simulate.__main__.failure_of", lambda seed, **_: failing(seed))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert main(["--first=10", "--histories=9", "--jobs=2", "--max-failures=9"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert sorted(lines[-5:-2]) == [f"failed: {seed} tasks: lost" for seed in (12, 15, 18)]
    assert lines[-2].startswith("9 histories in 0 s (")
    assert "a second), 3 failed, " in lines[-2]
    assert lines[-1] == "continue with --first 19"
