"""The demo: read a fake Asana into DuckDB with the real tap, compare the counts, and answer questions: `make demo`."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

import duckdb
import requests

from scripts.charts import Rows
from scripts.pipeline import control, pipe, served
from scripts.questions import Question, questions
from scripts.report import COUNTED, page, plain
from scripts.views import SETS, SQL
from tap_asana.tap import TapAsana

OUTPUT = Path("demo")
"""Output folder, emptied at the start."""

DATABASE, PAGE = OUTPUT / "warehouse.duckdb", OUTPUT / "report.html"

FIRST_RUN_COUNTS = {"deletions": 0}
"""Expected counts that differ from Asana's: the first run of `deletions` only gets its sync tokens."""


def main() -> int:
    """Read the fake Asana, print the counts and write the report; return 1 if a count differs from the fake's."""
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
    print(f"\n{sum(written.values()):,} rows in {seconds:.1f} s.")
    answers = answered(data)
    write_page(answers, written, expected, seconds)
    print(f"The tables and views are in {DATABASE}, the answers to {len(answers)} questions in {PAGE}.")
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


def answered(data: Path) -> dict[Question, Rows]:
    """Load the files into DuckDB, create the views and return the answer to each question."""
    with duckdb.connect(str(DATABASE)) as database:
        database.execute(f"set variable files = '{data}'")
        for name in ("tables", *SETS):
            database.execute((SQL / f"{name}_duckdb.sql").read_text(encoding="utf-8"))
        return {question: answer(database, question) for question in questions()}


def answer(database: duckdb.DuckDBPyConnection, question: Question) -> Rows:
    """Return the rows of one answer."""
    cursor = database.execute(question.query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, map(plain, row), strict=True)) for row in cursor.fetchall()]


def write_page(
    answers: dict[Question, Rows], written: dict[str, int], expected: dict[str, int], seconds: float
) -> None:
    """Write the report."""
    total = sum(written.values())
    equal = sum(expected[name] == count for name, count in written.items())
    tiles = {
        "rows read from Asana": f"{total:,}",
        "streams with rows": f"{sum(1 for count in written.values() if count):,}",
        "seconds for the first run": f"{seconds:.1f}",
        "rows per second": f"{total / seconds:,.0f}",
        "equal to the fake's own count": f"{equal} of {len(written)}",
        "questions answered": f"{len(answers)}",
    }
    counts: Rows = [dict(zip(COUNTED, (name, count, expected[name]), strict=True)) for name, count in written.items()]
    subtitle = "tap-asana read a made-up company into DuckDB; views of sql/ answer questions about its work."
    PAGE.write_text(page(subtitle, tiles, answers, counts), encoding="utf-8")


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
