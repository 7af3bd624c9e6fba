"""Snowflake, for the dbt package."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from typing_extensions import override

from scripts.dialects.dialect import Dialect


class Snowflake(Dialect):
    """Snowflake with Meltano's target-snowflake: objects and lists are variants, timestamps in UTC."""

    name = "snowflake"
    types: ClassVar = {
        "string": "varchar",
        "boolean": "boolean",
        "number": "double",
        "date-time": "timestamp_ntz",
        "date": "date",
        "object": "variant",
        "array": "variant",
    }
    expressions: ClassVar = {
        "string": "varchar",
        "timestamp": "timestamp_ntz",
        "now": "sysdate()",
        "day": "cast({0} as date)",
        "week": "cast(date_trunc('week', {0}) as date)",
        "hours": "datediff('millisecond', {0}, {1}) / 3600000",
        "days": "datediff('day', {0}, {1})",
        "plus": "dateadd('day', {1}, {0})",
    }
    added: ClassVar = {"_sdc_batched_at": "timestamp_ntz", "_sdc_deleted_at": "timestamp_ntz"}

    @override
    def head(self, view_set: str, streams: Iterable[str]) -> str:
        raise NotImplementedError("sql/ has no files for Snowflake")

    @override
    def view(self, view_set: str, name: str) -> str:
        return f"asana_{view_set}.{name}"

    @override
    def table(self, stream: str) -> str:
        return f"asana.{stream}"

    @override
    def item(self, alias: str) -> str:
        return f"{alias}.value"

    @override
    def text(self, root: str, path: Sequence[str]) -> str:
        return f"cast({self._place(root, path)} as varchar)"

    @override
    def each(self, root: str, path: Sequence[str], alias: str) -> str:
        return f"cross join lateral flatten(input => {self._place(root, path)}) as {alias}"

    @override
    def names(self, root: str, path: Sequence[str]) -> str:
        items = f"cast({self._place(root, path)} as array)"
        return f"nullif(array_to_string(transform({items}, named -> cast(named:name as varchar)), ', '), '')"

    @override
    def number(self, root: str, path: Sequence[str]) -> str:
        return f"cast({self._place(root, path)} as double)"

    @override
    def instant(self, root: str, path: Sequence[str]) -> str:
        return f"cast({self._place(root, path)} as timestamp_ntz)" if path else root

    @staticmethod
    def _place(root: str, path: Sequence[str]) -> str:
        """Return a path into a variant."""
        return f"{root}:{'.'.join(path)}" if path else root
