"""Compare a read with one access token and one with four: `python -m bench.tokens`.

A fake Asana limits each token in an evenly refilled bucket, and takes 100 ms per answer. The real command reads tasks,
stories and attachments; the requests accepted in the same time are compared.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.command import environment, request_counts
from bench.replay import select
from bench.report import Section, goal_text, rows
from fake_asana.model.access import PERSON
from scripts.pipeline import served

TOKENS = 4
MIN_RATIO = 3.8
PER_MINUTE, BURST = 1500, 50
WARM_UP_SECONDS, SECONDS = 15.0, 45.0
STREAMS = ("tasks", "stories", "attachments")


def accepted(tokens: int) -> int:
    """Return the requests that Asana accepts from a run with so many tokens in the measured time."""
    options = {
        "tokens": tokens,
        "tasks": PER_MINUTE * tokens,
        "stories": 0,
        "projects": 40,
        "limit-per-minute": PER_MINUTE,
        "rate-counting": "bucket",
        "rate-burst": BURST,
        "latency": 100,
    }
    others = [f"{PERSON}{number}" for number in range(2, tokens + 1)]
    with (
        served(*(text for name, value in options.items() for text in (f"--{name}", str(value)))) as address,
        tempfile.TemporaryDirectory() as folder,
    ):
        catalog = Path(folder, "catalog.json")
        catalog.write_text(json.dumps(select(STREAMS)), encoding="utf-8")
        command = [sys.executable, "-m", "tap_asana", "--config", "ENV", "--catalog", str(catalog)]
        variables = environment(address, "list", additional_access_tokens=",".join(others))
        with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as tap:
            try:
                return _count(address, tap)
            finally:
                tap.kill()


def _count(address: str, tap: subprocess.Popen[bytes]) -> int:
    """Return the requests accepted after the start; raises RuntimeError if the run ends too early."""
    time.sleep(WARM_UP_SECONDS)
    before = request_counts(address)
    time.sleep(SECONDS)
    after = request_counts(address)
    if tap.poll() is not None:
        raise RuntimeError(f"The tap ended before the measurement did, after {after['total']} requests")
    return int(after["total"] - after["busy"] - before["total"] + before["busy"])


def section() -> Section:
    """Measure one token, then several."""
    one, several = accepted(1), accepted(TOKENS)
    ratio = several / one
    goal = goal_text(met=ratio >= MIN_RATIO)
    cells = [["1", f"{one:,}", "1.00", ""], [f"{TOKENS}", f"{several:,}", f"{ratio:.2f}", goal]]
    table = rows(("tokens:", f"requests in {SECONDS:.0f} s:", "ratio:", "goal"), cells)
    quote = f"Tokens: {TOKENS} bring {ratio:.2f} times the requests of one (goal: {MIN_RATIO})."
    return Section("Several tokens", table, [quote])


def main() -> None:
    """Measure and print the section."""
    measured = section()
    print(measured.text())


if __name__ == "__main__":
    main()
