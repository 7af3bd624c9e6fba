"""Every SCHEMA becomes a table of BigQuery, and records pass, by that target's own code; no Google account is asked.

The target's requirements are years older than the tap's, so that it lives in an environment of its own: `make test`
makes it, and a run without it fails.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from harness import SMALL, STREAMS, Output, asana, sync

from tap_asana.records.fields import Schema

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / os.environ.get("BIGQUERY_PYTHON", ".venv/target-bigquery/bin/python")
ENOUGH = 10
"""The number of records of each stream in this test."""

Columns = list[dict[str, Any]]

NAMES = {"boolean": "BOOLEAN", "number": "NUMERIC", "object": "RECORD", "string": "STRING"}
"""BigQuery's names for types; timestamps are recognized by their format."""

LOADED = ("_sdc_batched_at", "TIMESTAMP", "REQUIRED")
"""The column that the stream map adds to each table, and the target fills."""


class Loaded(NamedTuple):
    """The output of a run, and the target's result: columns and load times by stream, and refused records."""

    output: Output
    tables: dict[str, Columns]
    load_times: dict[str, list[str | None]]
    rejected: list[str]


def some(output: Output) -> Iterator[str]:
    """Yield a run's SCHEMA messages and its first records as lines."""
    deletions: Counter[str] = Counter()
    for message in output.messages:
        if message["type"] == "RECORD":
            deletions[message["stream"]] += 1
        if message["type"] == "SCHEMA" or (message["type"] == "RECORD" and deletions[message["stream"]] <= ENOUGH):
            yield json.dumps(message) + "\n"


@pytest.fixture(scope="module")
def bigquery() -> Loaded:
    """Run the BigQuery variant of the tap in meltano.yml, and give its output to the target."""
    project = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    (tap,) = (plugin for plugin in project["plugins"]["extractors"] if plugin["name"] == "tap-asana--bigquery")
    output = sync(asana(SMALL), config=tap["config"])
    command = [PYTHON, ROOT / "scripts" / "bigquery.py"]
    ended = subprocess.run(command, input="".join(some(output)), capture_output=True, text=True, check=True)
    return Loaded(output, **json.loads(ended.stdout))


def declared(schema: Schema, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield the path, type and mode that each field must have in BigQuery."""
    for name, field in schema["properties"].items():
        item = field.get("items", field)
        kind = "TIMESTAMP" if item.get("format") == "date-time" else NAMES[word(item)]
        yield f"{place}{name}", kind, "REPEATED" if item is not field else "NULLABLE"
        if kind == "RECORD":
            yield from declared(item, f"{place}{name}.")


def word(schema: Schema) -> str:
    """Return the type of a field, null aside."""
    kinds = schema["type"]
    return str(kinds if isinstance(kinds, str) else next(kind for kind in kinds if kind != "null"))


def converted(columns: Columns, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield the type and mode of each column of the created table."""
    for column in columns:
        yield f"{place}{column['name']}", column["type"], column["mode"]
        yield from converted(column["fields"], f"{place}{column['name']}.")


@pytest.mark.parametrize("stream", STREAMS)
def test_every_schema_converts_for_bigquery(bigquery: Loaded, stream: str) -> None:
    """Each field of a stream, at any depth, is a column of its type; lists repeat, and no column is made up."""
    fields = [field for field in declared(bigquery.output.schemas[stream]) if field[0] != LOADED[0]]
    assert list(converted(bigquery.tables[stream])) == [*fields, LOADED]


@pytest.mark.parametrize("stream", STREAMS)
def test_names_are_those_that_bigquery_takes(bigquery: Loaded, stream: str) -> None:
    """Column names have letters, digits and underscores, do not begin with a digit, and differ beyond case."""
    names = [path for path, _, _ in converted(bigquery.tables[stream])]
    assert all(part.isidentifier() and part.isascii() for name in names for part in name.split("."))
    assert len({name.lower() for name in names}) == len(names)


def test_the_target_takes_the_records(bigquery: Loaded) -> None:
    """The target refuses no record; a refused one would end its run."""
    assert bigquery.rejected == []
    assert bigquery.load_times.keys() == bigquery.output.counts().keys()


def test_every_row_says_when_it_was_loaded(bigquery: Loaded) -> None:
    """Each table has the load time by which the views find the newest of several rows."""
    for stream, load_times in bigquery.load_times.items():
        assert LOADED in converted(bigquery.tables[stream])
        assert all(load_times)
