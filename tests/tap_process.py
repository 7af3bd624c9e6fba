"""The tap as a separate process: started, killed, or run to completion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from harness import Output, discovered, selecting

READ = ("tasks", "stories")


def environment(**variables: str) -> dict[str, str]:
    """Return the environment without a proxy to this machine, and with these settings of the tap only."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TAP_ASANA_")}
    return {**inherited, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **variables}


def prepared(folder: Path, address: str) -> list[str | Path]:
    """Write settings and catalog for a read of tasks and stories, and return the command."""
    settings = {"access_token": "0/fake", "api_url": address, "extraction_method": "list", "max_concurrency": 2}
    (folder / "config.json").write_text(json.dumps({**settings, "requests_per_minute": 10**6}), encoding="utf-8")
    (folder / "catalog.json").write_text(json.dumps(selecting(discovered(), READ)), encoding="utf-8")
    files = ("--config", folder / "config.json", "--catalog", folder / "catalog.json")
    return [sys.executable, "-m", "tap_asana", *files]


@contextmanager
def started(command: list[str | Path], log: Path) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """Start the process, and yield it and its standard output; its log is written to a file."""
    with (
        log.open("w") as errors,
        subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        assert process.stdout
        try:
            yield process, process.stdout
        finally:
            process.kill()


def messages(lines: list[bytes]) -> Output:
    """Return the messages of the complete lines: a killed process can truncate the last one."""
    return Output([json.loads(line) for line in lines if line.endswith(b"\n")])


def completed(command: list[str | Path], log: Path) -> Output:
    """Run the process to completion, and return its output."""
    with started(command, log) as (process, output):
        read = list(output)
        assert process.wait() == 0
    return messages(read)


def errors(log: Path) -> list[str]:
    """Return the errors in a log, without time and logger name, and check that there are no tracebacks."""
    return _errors(log.read_text(encoding="utf-8"))


def _errors(log: str) -> list[str]:
    assert "Traceback" not in log
    return [line.split("|")[-1].strip() for line in log.splitlines() if "| ERROR " in line]


def tap(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command with these arguments, and with these settings only in the environment."""
    command = [sys.executable, "-m", "tap_asana", *arguments]
    return subprocess.run(command, env=environment(**variables), capture_output=True, text=True, check=False)


def failure(process: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the error lines of a failed run, without time and logger name."""
    assert process.returncode == 1
    assert '"RECORD"' not in process.stdout
    return _errors(process.stderr)
