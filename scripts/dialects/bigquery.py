"""BigQuery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from typing_extensions import override

from scripts.dialects.dialect import KEYS, Dialect, kind

LATEST_ROWS = """(
    select *
    from {table}
    where true
    qualify row_number() over (partition by {key} order by _sdc_batched_at desc) = 1
)"""
"""The last loaded row of each key, because the loader appends."""


class BigQuery(Dialect):
    """BigQuery with target-bigquery: objects are records, lists repeat, and each read appends its rows."""

    name = "bigquery"
    quote = "`"
    types: ClassVar = {
        "string": "string",
        "boolean": "bool",
        "number": "numeric",
        "date-time": "timestamp",
        "date": "string",
    }
    expressions: ClassVar = {
        "string": "string",
        "timestamp": "timestamp",
        "now": "current_timestamp()",
        "day": "date({0})",
        "week": "date_trunc(date({0}), isoweek)",
        "hours": "timestamp_diff({1}, {0}, millisecond) / 3600000",
        "days": "date_diff({1}, {0}, day)",
        "plus": "date_add({0}, interval {1} day)",
    }
    added: ClassVar = {"_sdc_batched_at": "timestamp not null"}

    @override
    def head(self, view_set: str, streams: Iterable[str]) -> str:
        missing = "\n".join(self.empty_table(f"`asana`.{stream}", stream) for stream in streams)
        return f"""\
-- Put your dataset in place of asana: sed 's/`asana/`DATASET/g'. The views go to another dataset.

create schema if not exists `asana_{view_set}`;

-- An empty table stands in for each stream that was not loaded.
{missing}
"""

    @override
    def column_type(self, field: Mapping[str, Any]) -> str:
        match kind(field):
            case "object":
                inner = (f"`{name}` {self.column_type(part)}" for name, part in field["properties"].items())
                return f"struct<{', '.join(inner)}>"
            case "array":
                return f"array<{self.column_type(field['items'])}>"
            case word:
                return self.types[word]

    @override
    def view(self, view_set: str, name: str) -> str:
        return f"`asana_{view_set}`.{name}"

    @override
    def table(self, stream: str) -> str:
        return LATEST_ROWS.format(table=f"`asana`.{stream}", key=", ".join(KEYS[stream]))

    @override
    def item(self, alias: str) -> str:
        return alias

    @override
    def text(self, root: str, path: Sequence[str]) -> str:
        return ".".join([root, *path])

    @override
    def each(self, root: str, path: Sequence[str], alias: str) -> str:
        return f"cross join unnest({self.text(root, path)}) as {alias}"

    @override
    def names(self, root: str, path: Sequence[str]) -> str:
        items = self.text(root, path)
        return (
            f"(select string_agg(named.name, ', ' order by place) from unnest({items}) as named with offset as place)"
        )

    @override
    def number(self, root: str, path: Sequence[str]) -> str:
        return self.text(root, path)

    @override
    def instant(self, root: str, path: Sequence[str]) -> str:
        return self.text(root, path)
