"""DuckDB with the output of runs, loaded as docs/warehouse.md says."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import duckdb
from harness import Output
from nested import Rows
from warehouse import LOADED, as_record_value

from scripts.views import SETS, SQL


def write_files(runs: Iterable[Output], folder: Path) -> None:
    """Write the records of runs as target-jsonl does: a file for each stream and run."""
    for number, output in enumerate(runs):
        lines: dict[str, list[str]] = {}
        for message in output.of("RECORD"):
            lines.setdefault(message["stream"], []).append(json.dumps(message["record"]) + "\n")
        for stream, records in lines.items():
            (folder / f"{stream}-20260101T00000{number}.jsonl").write_text("".join(records), encoding="utf-8")


def with_views(runs: Iterable[Output], folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a database in memory with the tables and views of these runs."""
    write_files(runs, folder)
    database = duckdb.connect(config={"threads": 1})
    database.execute(f"set variable files = '{folder}'")
    for name in ("tables", *SETS):
        database.execute((SQL / f"{name}_duckdb.sql").read_text(encoding="utf-8"))
    return database


def rows(database: duckdb.DuckDBPyConnection, query: str) -> Rows:
    """Return the rows of a query, with values as in records."""
    cursor = database.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [
        {name: as_record_value(value) for name, value in zip(names, row, strict=True) if name != LOADED}
        for row in cursor.fetchall()
    ]
