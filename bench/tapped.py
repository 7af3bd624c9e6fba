"""The real command against a fake Asana, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import requests

from bench.local import Cost, selected
from scripts.pipeline import control

TOKENS: Mapping[str, str] = {"list": "0/fake", "search": "0/fake", "export": "0/service"}
"""Who reads by each method."""

UNHINDERED = 1_000_000
"""Requests a minute: the pace is not what is measured."""


def environment(address: str, method: str, **settings: object) -> dict[str, str]:
    """Return the variables that configure the tap, further settings by their name included."""
    chosen = {"access_token": TOKENS[method], "api_url": address, "extraction_method": method, **settings}
    named = {f"TAP_ASANA_{name.upper()}": str(value) for name, value in chosen.items()}
    return {**os.environ, **named, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def read(address: str, method: str, state: Mapping[str, Any] | None = None, **settings: object) -> dict[str, Any]:
    """Read all streams, from a state or from nothing; return the last STATE. Raises RuntimeError."""
    return taken(address, method, (), state, **settings)[1]


def taken(
    address: str,
    method: str,
    streams: Iterable[str] = (),
    state: Mapping[str, Any] | None = None,
    **settings: object,
) -> tuple[Cost, dict[str, Any]]:
    """Read these streams, or all; return what it took, start-up included, and the last STATE. Raises RuntimeError."""
    with tempfile.TemporaryDirectory() as folder:
        files = {"catalog": selected(streams) if streams else None, "state": state}
        command = [sys.executable, "-m", "tap_asana", "--config", "ENV"]
        for name, content in files.items():
            if content is not None:
                path = Path(folder, f"{name}.json")
                path.write_text(json.dumps(content), encoding="utf-8")
                command += [f"--{name}", str(path)]
        variables = environment(address, method, **{"requests_per_minute": UNHINDERED, **settings})
        with Path(folder, "output").open("wb+") as output:
            cost = waited(command, variables, output.fileno())
            output.seek(0)
            return cost, last_state(output)


def waited(command: list[str], variables: Mapping[str, str] | None, output: int) -> Cost:
    """Run a command to its end; return what it took. Raises RuntimeError where it fails."""
    begun = time.monotonic()
    process = subprocess.Popen(command, env=variables, stdout=output, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - begun, usage.ru_maxrss / 1024)


def last_state(lines: Iterable[bytes]) -> dict[str, Any]:
    """Return the value of the last STATE among the messages."""
    last = b"{}"
    for line in lines:
        if line.startswith(b'{"type":"STATE"'):
            last = line
    found: dict[str, Any] = json.loads(last).get("value", {})
    return found


def asked(address: str) -> dict[str, Any]:
    """Return what the fake has answered so far: `total`, `busy` (429s), and by `templates` and `statuses`."""
    found: dict[str, Any] = requests.get(control(address, "requests"), timeout=60).json()
    return found
