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
    here = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    with (
        log.open("w") as errors,
        subprocess.Popen(command, env=here, stdout=subprocess.PIPE, stderr=errors) as process,
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
    text = log.read_text(encoding="utf-8")
    assert "Traceback" not in text
    return [line.split("|")[-1].strip() for line in text.splitlines() if "| ERROR " in line]


def tap(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command with these arguments, and with these settings only in the environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TAP_ASANA_")}
    command = [sys.executable, "-m", "tap_asana", *arguments]
    return subprocess.run(command, env={**environment, **variables}, capture_output=True, text=True, check=False)


def failure(process: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the error lines of a failed run, without time and logger name."""
    assert process.returncode == 1
    assert '"RECORD"' not in process.stdout
    assert "Traceback" not in process.stderr
    return [line.split("|")[-1].strip() for line in process.stderr.splitlines() if "| ERROR " in line]


READ = ("tasks", "stories")
