"""The real process, killed, terminated or without a reader: its state is true."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import requests
from harness import Message, Output
from tap_process import READ, completed, errors, messages, prepared, started

from scripts.pipeline import control, served

KILLS = 5
WORLD = (
    *("--workspaces", "1", "--tasks", "300", "--projects", "24", "--subtasks", "2"),
    *("--stories", "12", "--busiest", "60", "--latency", "3"),
)
"""A workspace without a dominant project, as in a large organization: a kill within a project repeats its pages of
tasks and its lists of subtasks once.
"""

REPEATED = 40
"""Requests that a kill may cost: some 20 are usual in this world."""

PATIENCE = 20.0
"""Seconds after which a process counts as one that never ends."""

EACH_START = ("GET /workspaces", "GET /projects", "GET /users", "GET /tags")
"""The lists that every start requests: the parents of tasks."""


def asked(address: str) -> Message:
    """Return how many requests of each kind the fake has answered so far."""
    templates: Message = requests.get(control(address, "requests"), timeout=60).json()["templates"]
    return templates


def killed_after(lines: int, command: list[str | Path], log: Path) -> Output:
    """Run the process until it has written so many lines, kill it, and return all that it wrote."""
    with started(command, log) as (process, output):
        read = [line for _, line in zip(range(lines), output, strict=False)]
        process.kill()
        return messages([*read, *output])


def test_five_kills_lose_nothing_and_repeat_little(tmp_path: Path) -> None:
    """A first read killed five times with SIGKILL and resumed from its last STATE loses nothing.

    The repeated requests do not grow with the world: those of each start, those after the last STATE, and the lists of
    the interrupted project.
    """
    chance = random.Random(5)  # noqa: S311 - moments, not secrets
    with served(*WORLD) as address:
        whole = completed(prepared(tmp_path, address), tmp_path / "log")
        once = asked(address)
    lines = len(whole.messages)
    with served(*WORLD) as address:
        command, union = prepared(tmp_path, address), Output()
        for _ in range(KILLS):
            cut = killed_after(chance.randrange(lines // KILLS), command, tmp_path / "log")
            union = union.then(cut.confirmed())
            if union.state:
                (tmp_path / "state.json").write_text(json.dumps(union.state), encoding="utf-8")
                command = [*prepared(tmp_path, address), "--state", tmp_path / "state.json"]
        union = union.then(completed(command, tmp_path / "log"))
        often = asked(address)
        for stream in READ:
            truth = requests.get(control(address, f"truth/{stream}"), timeout=60).json()
            assert {row["gid"] for row in truth} <= union.gids(stream)
    assert whole.gids("tasks") == union.gids("tasks")
    start = sum(once[template] for template in EACH_START)
    assert sum(often.values()) - sum(once.values()) <= KILLS * (start + REPEATED)


def test_sigterm_leaves_a_state(tmp_path: Path) -> None:
    """SIGTERM ends a run with code 143, a STATE as the last message, one log line, a report and no traceback."""
    report = tmp_path / "report.json"
    with served(*WORLD) as address:
        command = prepared(tmp_path, address)
        config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
        (tmp_path / "config.json").write_text(json.dumps({**config, "report_file": str(report)}), encoding="utf-8")
        with started(command, tmp_path / "log") as (process, output):
            _terminate_after_a_record(process, output)
    assert errors(tmp_path / "log") == ["Run terminated by a signal. The next run resumes from the last STATE."]
    content = json.loads(report.read_text(encoding="utf-8"))
    assert (content["result"], content["exit_code"]) == ("terminated", 128 + signal.SIGTERM)
    assert content["requests"] > 0


def _terminate_after_a_record(process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
    for line in output:
        if b'"RECORD"' in line:
            break
    process.send_signal(signal.SIGTERM)
    rest = list(output)
    assert process.wait() == 128 + signal.SIGTERM
    assert json.loads(rest[-1])["type"] == "STATE"


HUNG = """
import os, threading
from tap_asana.command import run_command
from tap_asana.limits import Limits
from tap_asana.sync import writer
def hang(_, lines):
    os.write(1, b"hung\\n")
    threading.Event().wait()
writer.MessageWriter._put = hang
run_command(Limits(shutdown_grace_seconds=0.2))
"""
"""The command with a blocked standard output and a short grace period."""


def test_sigterm_ends_a_run_with_a_blocked_target(tmp_path: Path) -> None:
    """SIGTERM ends a run with code 143 and its one line while the target reads nothing."""
    with served(*WORLD) as address:
        _, _, _, *arguments = prepared(tmp_path, address)
        with started([sys.executable, "-c", HUNG, *arguments], tmp_path / "log") as (process, output):
            assert output.readline() == b"hung\n"
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert errors(tmp_path / "log") == ["Run terminated by a signal. The next run resumes from the last STATE."]


FULL = """
import sys, threading, types
from tap_asana.command import Command, run_command
from tap_asana.limits import Limits
sys.stdout = types.SimpleNamespace(fileno=lambda: 1, flush=threading.Event().wait)
Command.cli = lambda: Command(validate_config=False)._handle_termination(15, None)
run_command(Limits(shutdown_grace_seconds=0.2))
"""
"""The command, terminated between two streams while output of the first is still buffered."""


def test_sigterm_ends_a_run_that_waits_for_its_target(tmp_path: Path) -> None:
    """SIGTERM ends a run with code 143 and its one line even while the run exits and waits for its target."""
    with started([sys.executable, "-W", "ignore", "-c", FULL], tmp_path / "log") as (process, _):
        assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    log_lines = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert log_lines == ["Run terminated by a signal. The next run resumes from the last STATE."]


def test_a_run_whose_target_went_away_ends(tmp_path: Path) -> None:
    """A closed pipe ends a run with 1 and one line, and no traceback."""
    with (
        served(*WORLD) as address,
        started(prepared(tmp_path, address), tmp_path / "log") as (process, output),
    ):
        output.readline()
        output.close()
        assert process.wait() == 1
    assert errors(tmp_path / "log") == ["The target closed the pipe; records after the last STATE will be sent again."]
