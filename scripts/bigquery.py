"""Convert a catalog's schemas with the converter of target-bigquery: read from standard input, columns to the output.

Runs with the Python of that target's own environment, which needs no Google account for it, and imports nothing else.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from target_bigquery.schema import parse_schema  # type: ignore[import-not-found] # lives in the target's environment


def columns(fields: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - BigQuery's SchemaField, whose types are not here
    """Return BigQuery's columns, those inside them too, as plain JSON."""
    return [
        {"name": field.name, "type": field.field_type, "mode": field.mode, "fields": columns(field.fields)}
        for field in fields
    ]


if __name__ == "__main__":
    tables = {entry["stream"]: columns(parse_schema(entry["schema"])) for entry in json.load(sys.stdin)["streams"]}
    json.dump(tables, sys.stdout)
