"""The views of BigQuery in DuckDB, translated by sqlglot: no Google account is asked, and each query runs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

import duckdb
import sqlglot
from harness import Message, Output
from warehouse import SNAPSHOTS

from scripts.views import SETS, SQL

LOADED_AT = datetime(2026, 1, 1, tzinfo=timezone.utc)
"""When the first row is loaded; each later one comes a second after the one before."""


def with_bigquery_views(runs: Iterable[Output], folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a database in memory with the views of BigQuery over the tables of these runs.

    They have a row for each record; of a snapshot, only those of the last run, as after drop_superseded_bigquery.sql.
    """
    database = duckdb.connect(config={"threads": 1})
    database.execute("set timezone = 'UTC'; create schema asana")
    for name in SETS:
        for statement in _translated(name):
            database.execute(statement)
    *earlier, last = runs
    records = [message for output in earlier for message in output.of("RECORD") if message["stream"] not in SNAPSHOTS]
    _append(database, [*records, *last.of("RECORD")], folder)
    return database


@cache
def _translated(name: str) -> list[str]:
    """Return the statements of a set of views for DuckDB."""
    parsed = sqlglot.parse((SQL / f"{name}_bigquery.sql").read_text(encoding="utf-8"), read="bigquery")
    # BigQuery's NUMERIC has 38 digits; DuckDB's default has too few for some numbers of the fake.
    return [statement.sql("duckdb").replace("DECIMAL", "DOUBLE") for statement in parsed if statement is not None]


def _append(database: duckdb.DuckDBPyConnection, records: Iterable[Message], folder: Path) -> None:
    """Append records to the tables that the views read, as the loader does."""
    lines: dict[str, list[str]] = {}
    for place, message in enumerate(records):
        loaded = (LOADED_AT + timedelta(seconds=place)).isoformat()
        lines.setdefault(message["stream"], []).append(json.dumps({**message["record"], "_sdc_batched_at": loaded}))
    columns = "select column_name, data_type from duckdb_columns() where schema_name = 'asana' and table_name = ?"
    for stream, rows in lines.items():
        if types := database.execute(columns, [stream]).fetchall():
            file = folder / f"bigquery-{stream}.json"
            file.write_text("\n".join(rows), encoding="utf-8")
            listed = ", ".join(f"'{name}': '{kind}'" for name, kind in types)
            read = f"read_json('{file}', format = 'newline_delimited', columns = {{{listed}}})"
            database.execute(f"insert into asana.{stream} by name select * from {read}")  # noqa: S608 - names of our own
