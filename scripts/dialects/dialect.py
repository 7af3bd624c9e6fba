"""What a SQL dialect of `sql/` has to say for the marks of the templates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from tap_asana.tap import TapAsana

STREAMS = TapAsana(validate_config=False).streams
KEYS = {name: stream.primary_keys for name, stream in STREAMS.items()}
SCHEMAS: Mapping[str, Mapping[str, Any]] = {name: stream.schema for name, stream in STREAMS.items()}

EXPRESSIONS = frozenset({"string", "now", "timestamp", "day", "week", "hours", "days", "plus"})
"""The type `string`; `now` and its type `timestamp`; the `day` and the `week` (its Monday) of a timestamp in UTC;
`hours` between two timestamps; `days` between two days; the day `plus` some days."""


def kind(schema: Mapping[str, Any]) -> str:
    """Return the type of a field without null: its format if it has one, or object, array, string, number, boolean."""
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return str(schema.get("format") or next(name for name in types if name != "null"))


class Dialect(ABC):
    """The words of one database for the marks of the templates.

    A path is the names from a column to a value inside it; `root` is the column or the item of a list.
    """

    name: ClassVar[str]
    quote: ClassVar[str] = '"'
    """The sign around a name that is a word of the language too."""

    types: ClassVar[Mapping[str, str]]
    """The type of a column, by the kind of its field."""

    added: ClassVar[Mapping[str, str]] = {}
    """The columns that the loader adds."""

    expressions: ClassVar[Mapping[str, str]]
    """The marks that are plain expressions, with the places of their arguments: EXPRESSIONS."""

    @abstractmethod
    def head(self, view_set: str, streams: Iterable[str]) -> str:
        """Return the start of a set's file, with an empty table for each stream that was not loaded."""

    @abstractmethod
    def view(self, view_set: str, name: str) -> str:
        """Return the name of a view."""

    @abstractmethod
    def table(self, stream: str) -> str:
        """Return the rows of a stream, one for each key."""

    @abstractmethod
    def item(self, alias: str) -> str:
        """Return the item of a list by its alias."""

    @abstractmethod
    def text(self, root: str, path: Sequence[str]) -> str:
        """Return the text at a path."""

    @abstractmethod
    def each(self, root: str, path: Sequence[str], alias: str) -> str:
        """Return the join that makes a row of each item of a list."""

    @abstractmethod
    def names(self, root: str, path: Sequence[str]) -> str:
        """Return the names of the items of a list as one text, null for an empty list."""

    @abstractmethod
    def number(self, root: str, path: Sequence[str]) -> str:
        """Return the number at a path."""

    @abstractmethod
    def instant(self, root: str, path: Sequence[str]) -> str:
        """Return the timestamp at a path, or of a column, with its time zone."""

    def kept(self, column: str) -> str:
        """Return the condition that the object with the gid in this column exists."""
        return f"{column} not in (select deleted.gid from {self.view('views', 'deleted')} as deleted)"

    def empty_table(self, table: str, stream: str) -> str:
        """Return the statement for a table without rows, if there is no such table."""
        fields: Mapping[str, Mapping[str, Any]] = SCHEMAS[stream]["properties"]
        columns = {name: self.column_type(field) for name, field in fields.items()}
        listed = ", ".join(
            f"{self.quote}{name}{self.quote} {column}" for name, column in {**columns, **self.added}.items()
        )
        return f"create table if not exists {table} ({listed});"

    def column_type(self, field: Mapping[str, Any]) -> str:
        """Return the type of a field's column."""
        return self.types[kind(field)]
