"""The demo: read a fake Asana into files with the real tap, and compare the counts: `make demo`."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

import requests

from scripts.pipeline import control, pipe, served
from tap_asana.tap import TapAsana

OUTPUT = Path("demo")
"""Output folder, emptied at the start."""

FIRST_RUN_COUNTS = {"deletions": 0}
"""Expected counts that differ from Asana's: the first run of `deletions` only gets its sync tokens."""


def main() -> int:
    """Read the fake Asana into files and print the counts; return 1 if they differ from those of the fake."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", type=Path, required=True, help="the command target-jsonl")
    target: Path = parser.parse_args().target
    data = OUTPUT / "data"
    shutil.rmtree(OUTPUT, ignore_errors=True)
    data.mkdir(parents=True)
    with served() as address:
        print(f"A fake Asana with generated data listens on {address}; reading it ...", flush=True)
        started = time.monotonic()
        read(address, data, target)
        seconds = time.monotonic() - started
        expected = {**FIRST_RUN_COUNTS, **requests.get(control(address, "counts"), timeout=60).json()}
    written = {name: rows(data / f"{name}.jsonl") for name in TapAsana(validate_config=False).streams}
    report(written, expected)
    print(f"\n{sum(written.values()):,} rows in {seconds:.1f} s. Each stream is a file of JSON lines in {data}/.")
    return int(any(expected[name] != count for name, count in written.items()))


def read(address: str, data: Path, target: Path) -> None:
    """Run the tap into the target."""
    configs = {
        "tap": {"access_token": "0/fake", "api_url": address},
        "target": {"destination_path": str(data), "do_timestamp_file": False},
    }
    for name, config in configs.items():
        (OUTPUT / f"{name}.json").write_text(json.dumps(config), encoding="utf-8")
    pipe(["--config", OUTPUT / "tap.json"], [target, "--config", OUTPUT / "target.json"], OUTPUT)


def rows(file: Path) -> int:
    """Return the number of rows in a file of JSON lines; a stream without rows has no file."""
    return sum(1 for _ in file.open(encoding="utf-8")) if file.exists() else 0


def report(written: dict[str, int], expected: dict[str, int]) -> None:
    """Print the written and the expected number of rows of each stream."""
    print(f"\n{'stream':<28}{'written':>8}{'in Asana':>10}")
    for name, count in written.items():
        result = "equal" if count == expected[name] else "NOT EQUAL"
        print(f"{name:<28}{count:>8,}{expected[name]:>10,}  {result}")


if __name__ == "__main__":
    sys.exit(main())
