"""Run the real processes: a fake Asana on this machine, and the tap piped into a target."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
TAP = Path(sys.executable).with_name("tap-asana")
LOG_TAIL_LINES = 20
"""Lines of a failed process's log that the error shows."""


@contextmanager
def served(*options: str) -> Iterator[str]:
    """Run `python -m fake_asana` with these options; yield the URL of its API."""
    command = [sys.executable, "-m", "fake_asana", "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline().strip() if process.stdout else ""
            if not address.startswith("http://127.0.0.1:"):
                raise RuntimeError(f"fake_asana printed {address!r} instead of its address")
            yield address
        finally:
            process.terminate()


def control(address: str, path: str) -> str:
    """Return the URL of one of the fake's control endpoints, such as `counts`."""
    return f"{address.removesuffix('/api/1.0')}/-/fake/{path}"


def pipe(tap: Sequence[str | Path], target: Sequence[str | Path], logs: Path) -> str:
    """Pipe `tap-asana` with these arguments into a target; return the target's standard output, which holds the states.

    Both log to files in the folder `logs`. Raises RuntimeError with the end of the log if a process fails.
    """
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    with (
        (logs / "tap.log").open("w") as tap_log,
        (logs / "target.log").open("w") as target_log,
        subprocess.Popen([TAP, *tap], env=environment, stdout=subprocess.PIPE, stderr=tap_log) as source,
        subprocess.Popen(
            target, env=environment, stdin=source.stdout, stdout=subprocess.PIPE, stderr=target_log, text=True
        ) as sink,
    ):
        if source.stdout:
            source.stdout.close()  # the tap is then the only writer, so it notices when its target exits
        states, _ = sink.communicate()
    for name, status in (("target", sink.returncode), ("tap", source.returncode)):
        if status:
            last = (logs / f"{name}.log").read_text(encoding="utf-8").splitlines()[-LOG_TAIL_LINES:]
            raise RuntimeError("\n".join([f"The {name} failed with exit code {status}:", *last]))
    return states
