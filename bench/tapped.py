"""The real command against a fake Asana, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from scripts.pipeline import control

TOKENS: Mapping[str, str] = {"list": "0/fake", "search": "0/fake", "export": "0/service"}
"""Who reads by each method."""


def environment(address: str, method: str, **settings: object) -> dict[str, str]:
    """Return the variables that configure the tap, further settings by their name included."""
    chosen = {"access_token": TOKENS[method], "api_url": address, "extraction_method": method, **settings}
    named = {f"TAP_ASANA_{name.upper()}": str(value) for name, value in chosen.items()}
    return {**os.environ, **named, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def read(address: str, method: str, state: Mapping[str, Any] | None = None, **settings: object) -> dict[str, Any]:
    """Read all streams, from a state or from nothing; return the last STATE. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tap_asana", "--config", "ENV"]
        if state is not None:
            path = Path(folder, "state.json")
            path.write_text(json.dumps(state))
            command += ["--state", str(path)]
        variables = environment(address, method, **settings)
        done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    last: dict[str, Any] = {}
    for line in done.stdout.splitlines():
        if b'"STATE"' in line:
            message = json.loads(line)
            last = message["value"] if message["type"] == "STATE" else last
    return last


def asked(address: str) -> dict[str, Any]:
    """Return what the fake has answered so far: `total`, `busy` (429s), and by `templates` and `statuses`."""
    found: dict[str, Any] = requests.get(control(address, "requests"), timeout=60).json()
    return found
