"""Every SCHEMA becomes a table of BigQuery by that target's own converter; no Google account is asked.

The target's requirements are years older than the tap's, so that it lives in an environment of its own: `make test`
makes it, and a run without it fails.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Full
from harness import STREAMS

from tap_asana.fields import Schema

ROOT = Path(__file__).parent.parent
PYTHON = ROOT / os.environ.get("BIGQUERY_PYTHON", ".venv/target-bigquery/bin/python")

Columns = list[dict[str, Any]]

NAMES = {"boolean": "BOOLEAN", "number": "NUMERIC", "object": "RECORD", "string": "STRING"}
"""BigQuery's words for types; instants are told by their format."""


@pytest.fixture(scope="module")
def tables(full: Full) -> dict[str, Columns]:
    """Convert the SCHEMA messages of a full run."""
    schemas = {"streams": [{"stream": name, "schema": schema} for name, schema in full.output.schemas.items()]}
    command = [PYTHON, ROOT / "scripts" / "bigquery.py"]
    ended = subprocess.run(command, input=json.dumps(schemas), capture_output=True, text=True, check=True)
    found: dict[str, Columns] = json.loads(ended.stdout)
    return found


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
    """Yield the same of the table that came of it."""
    for column in columns:
        yield f"{place}{column['name']}", column["type"], column["mode"]
        yield from converted(column["fields"], f"{place}{column['name']}.")


@pytest.mark.parametrize("stream", STREAMS)
def test_every_schema_converts_for_bigquery(full: Full, tables: dict[str, Columns], stream: str) -> None:
    """Each field of a stream, at any depth, is a column of its type; lists repeat, and no column is made up."""
    assert list(converted(tables[stream])) == list(declared(full.output.schemas[stream]))


@pytest.mark.parametrize("stream", STREAMS)
def test_names_are_those_that_bigquery_takes(tables: dict[str, Columns], stream: str) -> None:
    """Column names have letters, digits and underscores, do not begin with a digit, and differ beyond case."""
    names = [path for path, _, _ in converted(tables[stream])]
    assert all(part.isidentifier() and part.isascii() for name in names for part in name.split("."))
    assert len({name.lower() for name in names}) == len(names)
