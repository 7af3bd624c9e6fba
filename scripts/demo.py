"""The demo: an Asana of made-up people and work, read by the real tap into files, and counted: `make demo`."""

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

INTO = Path("demo")
"""Folder that is emptied and then written."""

NOTHING_YET = {"deletions": 0}
"""What a first run brings nothing of, because it only takes its bearings."""


def main() -> int:
    """Read the fake Asana into files and print what landed; returns 1 where that is not what Asana holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", type=Path, required=True, help="the command target-jsonl")
    target: Path = parser.parse_args().target
    data = INTO / "data"
    shutil.rmtree(INTO, ignore_errors=True)
    data.mkdir(parents=True)
    with served() as address:
        print(f"An Asana of made-up people and work listens on {address}; reading it ...", flush=True)
        started = time.monotonic()
        read(address, data, target)
        seconds = time.monotonic() - started
        there = {**NOTHING_YET, **requests.get(control(address, "counts"), timeout=60).json()}
    landed = {name: rows(data / f"{name}.jsonl") for name in TapAsana(validate_config=False).streams}
    report(landed, there)
    print(f"\n{sum(landed.values()):,} rows in {seconds:.1f} s. Each stream is a file of JSON lines in {data}/.")
    return int(any(there[name] != count for name, count in landed.items()))


def read(address: str, data: Path, target: Path) -> None:
    """Run the tap into the target."""
    configs = {
        "tap": {"access_token": "0/fake", "api_url": address},
        "target": {"destination_path": str(data), "do_timestamp_file": False},
    }
    for name, config in configs.items():
        (INTO / f"{name}.json").write_text(json.dumps(config), encoding="utf-8")
    pipe(["--config", INTO / "tap.json"], [target, "--config", INTO / "target.json"], INTO)


def rows(file: Path) -> int:
    """Return how many rows a file of JSON lines holds; a stream without rows has no file."""
    return sum(1 for _ in file.open(encoding="utf-8")) if file.exists() else 0


def report(landed: dict[str, int], there: dict[str, int]) -> None:
    """Print for each stream what landed beside what Asana holds."""
    print(f"\n{'stream':<28}{'landed':>8}{'in Asana':>10}")
    for name, count in landed.items():
        verdict = "equal" if count == there[name] else "NOT EQUAL"
        print(f"{name:<28}{count:>8,}{there[name]:>10,}  {verdict}")


if __name__ == "__main__":
    sys.exit(main())
