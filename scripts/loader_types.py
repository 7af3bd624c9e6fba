"""Convert the SCHEMA messages on standard input with the code of a loader, and print the types of its columns as JSON.

Runs with the Python of the loader's own environment, without an account, and imports nothing else.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]
Types = dict[str, str]
"""The types of columns; those of nested columns have the path as their name."""


def denormalized_bigquery(schema: Schema) -> Types:
    """Return the columns of z3-target-bigquery with `denormalized: true`; its other layout is one column of JSON."""
    from target_bigquery.core import SchemaTranslator  # type: ignore[import-not-found]  # noqa: PLC0415 - in its loader's environment only

    return dict(_bigquery_columns(SchemaTranslator(schema, {}).translated_schema_transformed, ""))


def fixed_bigquery(schema: Schema) -> Types:
    """Return the columns of the view that z3-target-bigquery writes over its column of JSON."""
    from target_bigquery.core import SchemaTranslator  # noqa: PLC0415 - each loader has an environment of its own

    return dict(_bigquery_columns(SchemaTranslator(schema, {}).translated_schema, ""))


def _bigquery_columns(fields: Any, prefix: str) -> Any:  # noqa: ANN401 - SchemaField, whose types are not here
    for field in fields:
        yield f"{prefix}{field.name}", f"{field.mode} {field.field_type}"
        yield from _bigquery_columns(field.fields, f"{prefix}{field.name}.")


def meltanolabs_snowflake(schema: Schema) -> Types:
    """Return the columns of meltanolabs-target-snowflake."""
    from target_snowflake.connector import SnowflakeConnector  # type: ignore[import-not-found]  # noqa: PLC0415 - in its loader's environment only

    convert = SnowflakeConnector({}).jsonschema_to_sql.to_sql_type
    return {name: str(convert(field)) for name, field in schema["properties"].items()}


def pipelinewise_snowflake(schema: Schema) -> Types:
    """Return the columns of pipelinewise-target-snowflake."""
    from target_snowflake.db_sync import column_type  # type: ignore[import-not-found]  # noqa: PLC0415 - in its loader's environment only
    from target_snowflake.flattening import flatten_schema  # type: ignore[import-not-found]  # noqa: PLC0415 - in its loader's environment only

    return {name: column_type(field) for name, field in flatten_schema(schema).items()}


CONVERSIONS: dict[str, Callable[[Schema], Types]] = {
    function.__name__: function
    for function in (denormalized_bigquery, fixed_bigquery, meltanolabs_snowflake, pipelinewise_snowflake)
}


if __name__ == "__main__":
    conversion = CONVERSIONS[sys.argv[1]]
    messages = map(json.loads, sys.stdin)
    json.dump({each["stream"]: conversion(each["schema"]) for each in messages if each["type"] == "SCHEMA"}, sys.stdout)
