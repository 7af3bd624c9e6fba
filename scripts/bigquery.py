"""Convert Singer messages from standard input with the code of target-bigquery, and print the result as JSON.

Runs with the Python of the target's own environment, without a Google account, and imports nothing else.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import singer  # type: ignore[import-not-found] # it is in the target's environment only
from target_bigquery.schema import clean_and_validate, parse_schema  # type: ignore[import-not-found] # as singer


def columns(fields: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - BigQuery's SchemaField, whose types are not here
    """Return BigQuery's columns, nested ones included, as plain JSON."""
    return [
        {"name": field.name, "type": field.field_type, "mode": field.mode, "fields": columns(field.fields)}
        for field in fields
    ]


def converted(lines: list[str]) -> dict[str, Any]:
    """Return the columns of each table, the load times of its rows, and the errors of rejected rows."""
    schemas: dict[str, Any] = {}
    load_times: dict[str, list[str | None]] = {}
    rejected: list[str] = []
    for message in map(singer.parse_message, lines):
        if isinstance(message, singer.SchemaMessage):
            schemas[message.stream] = message.schema
        else:
            row, validation = clean_and_validate(message, schemas)
            load_times.setdefault(message.stream, []).append(row.get("_sdc_batched_at"))
            rejected += [] if validation["is_valid"] else [f"{message.stream}: {validation['message']}"]
    return {
        "tables": {stream: columns(parse_schema(schema)) for stream, schema in schemas.items()},
        "load_times": load_times,
        "rejected": rejected,
    }


if __name__ == "__main__":
    json.dump(converted(sys.stdin.readlines()), sys.stdout)
