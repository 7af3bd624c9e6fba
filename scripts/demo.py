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


def main() -> int:
    """Read the fake Asana into files and print what landed; returns 1 where that is not what Asana holds."""
    arguments = parser().parse_args()
    into: Path = arguments.into
    data = into / "data"
    shutil.rmtree(into, ignore_errors=True)
    data.mkdir(parents=True)
    with served(*arguments.options) as address:
        print(f"An Asana of made-up people and work listens on {address}; reading it ...", flush=True)
        started = time.monotonic()
        read(address, into, data, arguments.target)
        seconds = time.monotonic() - started
        there = requests.get(control(address, "counts"), timeout=60).json()
    landed = {name: rows(data / f"{name}.jsonl") for name in TapAsana(validate_config=False).streams}
    report(landed, there)
    print(f"\n{sum(landed.values()):,} rows in {seconds:.1f} s. Each stream is a file of JSON lines in {data}/.")
    return int(any(there[name] != count for name, count in landed.items()))


def parser() -> argparse.ArgumentParser:
    """Return what the command line may hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", type=Path, required=True, help="the command target-jsonl")
    parser.add_argument("--into", type=Path, default=Path("demo"), help="folder that is emptied and then written")
    parser.add_argument("options", nargs="*", help="options for fake_asana, after --")
    return parser


def read(address: str, into: Path, data: Path, target: Path) -> None:
    """Run the tap into the target, and keep the last state for a next run."""
    tap_config, target_config = into / "tap.json", into / "target.json"
    tap_config.write_text(json.dumps({"access_token": "0/fake", "api_url": address}), encoding="utf-8")
    files = {"destination_path": str(data), "do_timestamp_file": False}
    target_config.write_text(json.dumps(files), encoding="utf-8")
    states = pipe(["--config", tap_config], [target, "--config", target_config], into)
    (into / "state.json").write_text(states.splitlines()[-1] if states else "{}", encoding="utf-8")


def rows(file: Path) -> int:
    """Return how many rows a file of JSON lines holds; a stream without rows has no file."""
    return sum(1 for _ in file.open(encoding="utf-8")) if file.exists() else 0


def report(landed: dict[str, int], there: dict[str, int]) -> None:
    """Print for each stream what landed beside what Asana holds."""
    print(f"\n{'stream':<24}{'landed':>10}{'in Asana':>10}")
    for name, count in landed.items():
        verdict = "equal" if count == there[name] else "NOT EQUAL"
        print(f"{name:<24}{count:>10,}{there[name]:>10,}  {verdict}")


if __name__ == "__main__":
    sys.exit(main())
