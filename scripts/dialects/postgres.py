"""PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from typing_extensions import override

from scripts.dialects.dialect import Dialect


class Postgres(Dialect):
    """PostgreSQL: objects are jsonb, timestamps without zone in UTC, lists jsonb[] (Meltano's loader) or one jsonb."""

    name = "postgres"
    types: ClassVar = {
        "string": "text",
        "boolean": "boolean",
        "number": "numeric",
        "date-time": "timestamp",
        "date": "date",
        "object": "jsonb",
        "array": "jsonb[]",
    }
    expressions: ClassVar = {
        "string": "text",
        "timestamp": "timestamptz",
        "now": "current_timestamp",
        "day": "cast({0} at time zone 'UTC' as date)",
        "week": "cast(date_trunc('week', {0} at time zone 'UTC') as date)",
        "hours": "extract(epoch from {1} - {0}) / 3600",
        "days": "{1} - {0}",
        "plus": "{0} + {1}",
    }
    added: ClassVar = {"_sdc_batched_at": "timestamp", "_sdc_deleted_at": "timestamp"}

    @override
    def head(self, view_set: str, streams: Iterable[str]) -> str:
        missing = "\n".join(map(self._stand_in, streams))
        return f"""\
-- Run it with psql -v schema=SCHEMA, the schema of the tables; the views go to another schema.

\\if :{{?schema}}
\\else
\\set schema asana
\\endif
\\set views :schema _views
\\set fivetran :schema _fivetran
\\set empty :schema _empty

create schema if not exists :"{view_set}";

-- An empty table stands in for each stream that was not loaded: run the file again when it is.
set client_min_messages = warning;
{missing}
"""

    @override
    def view(self, view_set: str, name: str) -> str:
        return f':"{view_set}"."{name}"'

    @override
    def table(self, stream: str) -> str:
        return f':"{stream}".{stream}'

    @override
    def item(self, alias: str) -> str:
        return f"{alias}.item"

    @override
    def text(self, root: str, path: Sequence[str]) -> str:
        return self._inside(root, path, "->>")

    @override
    def each(self, root: str, path: Sequence[str], alias: str) -> str:
        listed = self._inside(root, path, "->") if path else f"to_jsonb({root})"
        return f"cross join jsonb_array_elements(nullif({listed}, 'null')) as {alias} (item)"

    @override
    def names(self, root: str, path: Sequence[str]) -> str:
        items = self.each(root, path, "named").removeprefix("cross join ").replace(" as named (item)", "")
        return (
            f"(select string_agg(named.item ->> 'name', ', ' order by named.place)"
            f" from {items} with ordinality as named (item, place))"
        )

    @override
    def number(self, root: str, path: Sequence[str]) -> str:
        return f"cast({self.text(root, path)} as numeric)"

    @override
    def instant(self, root: str, path: Sequence[str]) -> str:
        return f"cast({self.text(root, path)} as timestamptz)" if path else f"{root} at time zone 'UTC'"

    @override
    def kept(self, column: str) -> str:
        unmarked = f"{column.removesuffix('gid')}_sdc_deleted_at is null and " if column.endswith(".gid") else ""
        return unmarked + super().kept(column)

    def _stand_in(self, stream: str) -> str:
        """Return the commands of psql that name the schema of a stream's table, an empty one if there is none."""
        table = f':"empty".{stream}'
        return f"""\
select to_regclass(format('%I.{stream}', :'schema')) is null as missing \\gset
\\set {stream} :schema
\\if :missing
\\set {stream} :empty
create schema if not exists :"empty";
{self.empty_table(table, stream)}
\\endif"""

    @staticmethod
    def _inside(root: str, path: Sequence[str], last: str) -> str:
        """Return a path into jsonb; `last` is the operator before the last name."""
        *inner, final = (f"'{name}'" for name in path)
        return " ".join([" -> ".join([root, *inner]), last, final])
