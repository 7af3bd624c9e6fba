"""How much faster a run is with 20 requests in flight than with one: `python -m bench.concurrency`.

Runs the real command twice against a fake Asana that takes 100 ms for each answer, and prints both times, start-up
included, and their ratio.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

import requests

from scripts.pipeline import control, served

UNHINDERED = "100000"
"""Requests a minute: the pace is not what is measured."""


def seconds(address: str, in_flight: int) -> float:
    """Return how long a full run takes with so many requests in flight; raises CalledProcessError where it fails."""
    variables = {
        **os.environ,
        "TAP_ASANA_ACCESS_TOKEN": "0/fake",
        "TAP_ASANA_API_URL": address,
        "TAP_ASANA_EXTRACTION_METHOD": "list",
        "TAP_ASANA_MAX_CONCURRENCY": str(in_flight),
        "TAP_ASANA_REQUESTS_PER_MINUTE": UNHINDERED,
        "NO_PROXY": "127.0.0.1",
    }
    begun = time.monotonic()
    command = [sys.executable, "-m", "tap_asana", "--config", "ENV"]
    subprocess.run(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.monotonic() - begun


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Compare runs with 1 and with 20 requests in flight.")
    parser.add_argument("--tasks", type=int, default=600, help="tasks of the world (default: %(default)s)")
    parser.add_argument("--latency", type=int, default=100, help="milliseconds an answer (default: %(default)s)")
    asked = parser.parse_args()
    with served("--tasks", str(asked.tasks), "--latency", str(asked.latency)) as address:
        many = seconds(address, 20)
        few = seconds(address, 1)
        total = requests.get(control(address, "requests"), timeout=60).json()["total"]
    print(f"{total // 2} requests of {asked.latency} ms each")
    print(f" 1 in flight: {few:7.1f} s")
    print(f"20 in flight: {many:7.1f} s")
    print(f"ratio:        {few / many:7.1f}")


if __name__ == "__main__":
    main()
