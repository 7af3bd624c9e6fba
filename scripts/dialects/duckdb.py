"""DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from typing_extensions import override

from scripts.dialects.dialect import Dialect


class DuckDB(Dialect):
    """DuckDB with objects and lists as JSON and timestamps in UTC, as sql/tables_duckdb.sql makes them."""

    name = "duckdb"
    types: ClassVar = {
        "string": "varchar",
        "boolean": "boolean",
        "number": "double",
        "date-time": "timestamp",
        "date": "date",
        "object": "json",
        "array": "json",
    }
    added: ClassVar = {"_sdc_batched_at": "timestamp"}
    expressions: ClassVar = {
        "string": "varchar",
        "timestamp": "timestamp",
        "now": "current_timestamp at time zone 'UTC'",
        "day": "cast({0} as date)",
        "week": "cast(date_trunc('week', {0}) as date)",
        "hours": "date_diff('millisecond', {0}, {1}) / 3600000.0",
        "days": "{1} - {0}",
        "plus": "{0} + {1}",
    }

    @override
    def head(self, view_set: str, streams: Iterable[str]) -> str:
        missing = "\n".join(self.empty_table(f"asana.{stream}", stream) for stream in streams)
        return f"""\
-- Run it in the database that holds the tables in the schema asana; the views go to another schema.

create schema if not exists asana;
create schema if not exists asana_{view_set};

-- An empty table stands in for each stream that was not loaded.
{missing}
"""

    @override
    def view(self, view_set: str, name: str) -> str:
        return f'asana_{view_set}."{name}"'

    @override
    def table(self, stream: str) -> str:
        return f"asana.{stream}"

    @override
    def item(self, alias: str) -> str:
        return f"{alias}.item"

    @override
    def text(self, root: str, path: Sequence[str]) -> str:
        return f"({root} ->> '{self._place(path)}')"

    @override
    def each(self, root: str, path: Sequence[str], alias: str) -> str:
        inner = f"{root} -> '{self._place(path)}'" if path else root
        return f"cross join unnest(cast({inner} as json[])) as {alias} (item)"

    @override
    def names(self, root: str, path: Sequence[str]) -> str:
        inner = "".join(f".{name}" for name in path)
        listed = f"json_extract_string(to_json({root}), '${inner}[*].name')"
        return f"nullif(array_to_string({listed}, ', '), '')"

    @override
    def number(self, root: str, path: Sequence[str]) -> str:
        return f"cast({self.text(root, path)} as double)"

    @override
    def instant(self, root: str, path: Sequence[str]) -> str:
        return f"cast({self.text(root, path)} as timestamp)" if path else root

    @staticmethod
    def _place(path: Sequence[str]) -> str:
        """Return a path into JSON."""
        return ".".join(["$", *path])
