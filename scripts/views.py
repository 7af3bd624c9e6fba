"""Generate the views of `sql/` in each dialect from `sql/templates`: `python -m scripts.views`.

A template is SQL with marks for the differences between the dialects: `{{view NAME}}` creates a view and `{{ref NAME}}`
reads one, `{{table STREAM}}` are the rows of a stream, `{{each LIST as ALIAS}}` makes a row of each item,
`{{kept ALIAS.COLUMN}}` is true if the object with that gid exists, `{{PATH}}` is the text of a value inside an object,
`{{number PATH}}`, `{{instant PATH}}` and `{{names PATH}}` are its number, its timestamp and the names in a list, and
`{{MARK EXPRESSION | ...}}` is one of EXPRESSIONS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scripts.dialects import DIALECTS
from scripts.dialects.dialect import EXPRESSIONS, Dialect
from scripts.duckdb_tables import render_tables

SQL = Path(__file__).parent.parent / "sql"
SETS = {"views": ("views", "answers"), "fivetran": ("fivetran",)}
"""The templates of each set."""

MARK = re.compile(r"\{\{(?:(\w+) )?([^{}]*?)(?: as (\w+))?\}\}")
CREATED = "-- Written by python -m scripts.views from sql/templates: see docs/warehouse.md.\n"


@dataclass(frozen=True)
class Statement:
    """One statement of a template: the query of a view."""

    text: str
    view_set: str
    """The set of the view, one of SETS."""

    @property
    def name(self) -> str:
        """Return the name of the view."""
        return next(str(name) for kind, name, _ in MARK.findall(self.text) if kind == "view")

    @property
    def description(self) -> str:
        """Return the sentence above the view."""
        return self.text.partition("\n")[0].removeprefix("-- ")

    @property
    def query(self) -> str:
        """Return the marked query without the view that it defines."""
        return self.text.partition("}}\n")[2].removesuffix(";")

    @property
    def streams(self) -> set[str]:
        """Return the names of the streams that the query reads."""
        return {name for kind, name, _ in MARK.findall(self.text) if kind == "table"}

    @property
    def items(self) -> set[str]:
        """Return the aliases of list items."""
        return {alias for kind, _, alias in MARK.findall(self.text) if kind == "each"}

    def render(self, dialect: Dialect) -> str:
        """Return the statement in a dialect."""
        created = f"create or replace view {dialect.view(self.view_set, self.name)} as\n"
        return f"-- {self.description}\n{created}{self.render_query(dialect)};"

    def render_query(self, dialect: Dialect) -> str:
        """Return the query in a dialect."""
        return MARK.sub(lambda mark: self._render_mark(dialect, *mark.groups()), self.query)

    def _render_mark(self, dialect: Dialect, kind: str | None, words: str, alias: str | None) -> str:
        of_words: Mapping[str | None, Callable[[str], str]] = {
            "ref": partial(dialect.view, "views"),
            "table": dialect.table,
        }
        of_paths: Mapping[str | None, Callable[[str, Sequence[str]], str]] = {
            None: dialect.text,
            "number": dialect.number,
            "instant": dialect.instant,
            "names": dialect.names,
            "each": partial(dialect.each, alias=str(alias)),
        }
        if kind == "kept":
            return dialect.kept(words if words.count(".") == 1 else dialect.text(*self._path(dialect, words)))
        if words in EXPRESSIONS:
            return dialect.expressions[words]
        if kind in of_words:
            return of_words[kind](words)
        if kind in of_paths:
            return of_paths[kind](*self._path(dialect, words))
        return dialect.expressions[str(kind)].format(*words.split(" | "))

    def _path(self, dialect: Dialect, words: str) -> tuple[str, Sequence[str]]:
        """Return the column or list item at the start of a path, and the names inside it."""
        first, *names = words.split(".")
        return (dialect.item(first), names) if first in self.items else (f"{first}.{names[0]}", names[1:])


def statements(view_set: str) -> list[Statement]:
    """Return the statements of a set's templates, each with its comment."""
    texts = [(SQL / "templates" / f"{name}.sql").read_text(encoding="utf-8") for name in SETS[view_set]]
    parts = [part for text in texts for part in text.split("\n\n")[1:]]
    return [Statement(part.strip(), view_set) for part in parts]


def render(view_set: str, dialect: Dialect) -> str:
    """Return a set's file in a dialect."""
    found = statements(view_set)
    streams = sorted({stream for statement in found for stream in statement.streams})
    head = CREATED + dialect.head(view_set, streams)
    return "\n".join([head, "\n\n".join(statement.render(dialect) for statement in found), ""])


def main() -> None:
    """Write each set in each dialect, and the tables of DuckDB."""
    (SQL / "tables_duckdb.sql").write_text(render_tables(), encoding="utf-8")
    for view_set in SETS:
        for name, dialect in DIALECTS.items():
            (SQL / f"{view_set}_{name}.sql").write_text(render(view_set, dialect), encoding="utf-8")


if __name__ == "__main__":
    main()
