"""Convert a tap's messages with the code of target-bigquery: read from standard input, what it makes to the output.

Runs with the Python of that target's own environment, which needs no Google account for it, and imports nothing else.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import singer  # type: ignore[import-not-found] # lives in the target's environment, as the next one does
from target_bigquery.schema import clean_and_validate, parse_schema  # type: ignore[import-not-found]


def columns(fields: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - BigQuery's SchemaField, whose types are not here
    """Return BigQuery's columns, those inside them too, as plain JSON."""
    return [
        {"name": field.name, "type": field.field_type, "mode": field.mode, "fields": columns(field.fields)}
        for field in fields
    ]


def converted(lines: list[str]) -> dict[str, Any]:
    """Return the columns of each table, when its rows were loaded, and what is wrong with those that are refused."""
    schemas: dict[str, Any] = {}
    moments: dict[str, list[str | None]] = {}
    refused: list[str] = []
    for message in map(singer.parse_message, lines):
        if isinstance(message, singer.SchemaMessage):
            schemas[message.stream] = message.schema
        else:
            row, verdict = clean_and_validate(message, schemas)
            moments.setdefault(message.stream, []).append(row.get("_sdc_batched_at"))
            refused += [] if verdict["is_valid"] else [f"{message.stream}: {verdict['message']}"]
    return {
        "tables": {stream: columns(parse_schema(schema)) for stream, schema in schemas.items()},
        "moments": moments,
        "refused": refused,
    }


if __name__ == "__main__":
    json.dump(converted(sys.stdin.readlines()), sys.stdout)
