"""Generate the views of `sql/` in each dialect from `sql/templates`: `python -m scripts.views`.

A template is SQL with placeholders for the differences between the dialects: `{{view NAME}}`, `{{table NAME}}`,
`{{each LIST as ALIAS}}`, `{{kept ALIAS.COLUMN}}`, and `{{PATH}}` for a value inside an object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tap_asana.tap import TapAsana

SQL = Path(__file__).parent.parent / "sql"
SETS = ("views", "fivetran")
DIALECTS = ("postgres", "bigquery")

PLACEHOLDER = re.compile(r"\{\{(?:(view|table|each|kept) )?([\w.]+)(?: as (\w+))?\}\}")
HEADS = {
    "postgres": """\
-- Written by python -m scripts.views from sql/templates/{name}.sql: see docs/warehouse.md.
-- Run it with psql -v schema=SCHEMA, the schema of the tables; the views go to another schema.

\\if :{{?schema}}
\\else
\\set schema asana
\\endif
\\set views :schema _views
\\set fivetran :schema _fivetran

create schema if not exists :"{name}";
""",
    "bigquery": """\
-- Written by python -m scripts.views from sql/templates/{name}.sql: see docs/warehouse.md.
-- Put your dataset in place of asana: sed 's/`asana/`DATASET/g'. The views go to another dataset.

create schema if not exists `asana_{name}`;
""",
}
DELETED_GIDS = {
    "postgres": '(select deleted.gid from :"views".deleted as deleted)',
    "bigquery": "(select deleted.gid from `asana_views`.deleted as deleted)",
}
"""The subquery for the gids deleted in Asana, in each dialect."""

KEYS = {name: stream.primary_keys for name, stream in TapAsana(validate_config=False).streams.items()}
LATEST_ROWS = """(
    select *
    from `asana`.{table}
    where true
    qualify row_number() over (partition by {key} order by _sdc_batched_at desc) = 1
)"""
"""The last loaded row of each key, because loaders for BigQuery append."""


@dataclass(frozen=True)
class Statement:
    """One statement of a template."""

    text: str
    view_set: str
    """The set of the view, one of SETS."""

    @property
    def items(self) -> set[str]:
        """Return the aliases of list items."""
        return {alias for kind, _, alias in PLACEHOLDER.findall(self.text) if kind == "each"}

    def render(self, dialect: str) -> str:
        """Return the statement in a dialect."""
        replace: Callable[[re.Match[str]], str] = getattr(self, f"_{dialect}")
        return PLACEHOLDER.sub(replace, self.text)

    def _postgres(self, placeholder: re.Match[str]) -> str:
        kind, path, alias = placeholder.groups()
        match kind:
            case "view":
                return f'create or replace view :"{self.view_set}"."{path}" as'
            case "table":
                return f':"schema".{path}'
            case "kept":
                not_flagged = f"{path.removesuffix('gid')}_sdc_deleted_at is null and " if path.endswith(".gid") else ""
                return f"{not_flagged}{path} not in {DELETED_GIDS['postgres']}"
            case "each" if path.split(".")[0] in self.items:
                items = f"nullif({self._inside(path, '->')}, 'null')"
                return f"cross join jsonb_array_elements({items}) as {alias} (item)"
            case "each":
                return f"cross join unnest({path}) as {alias} (item)"
            case _:
                return self._inside(path, "->>")

    def _bigquery(self, placeholder: re.Match[str]) -> str:
        kind, path, alias = placeholder.groups()
        match kind:
            case "view":
                return f"create or replace view `asana_{self.view_set}`.{path} as"
            case "table":
                return LATEST_ROWS.format(table=path, key=", ".join(KEYS[path]))
            case "kept":
                return f"{path} not in {DELETED_GIDS['bigquery']}"
            case "each":
                return f"cross join unnest({path}) as {alias}"
            case _:
                return path

    def _inside(self, path: str, last: str) -> str:
        """Return a path into a jsonb column or into a list item; `last` is the operator before the last name."""
        first, *names = path.split(".")
        root = f"{first}.item" if first in self.items else f"{first}.{names.pop(0)}"
        *inner, final = (f"'{name}'" for name in names)
        return " ".join([" -> ".join([root, *inner]), last, final])


def statements(name: str) -> list[Statement]:
    """Return the statements of a set's template, each with its comment."""
    text = (SQL / "templates" / f"{name}.sql").read_text(encoding="utf-8")
    _, *parts = text.split("\n\n")
    return [Statement(part.strip(), name) for part in parts]


def render(name: str, dialect: str) -> str:
    """Return a set's file in a dialect."""
    parts: Sequence[str] = [statement.render(dialect) for statement in statements(name)]
    return "\n".join([HEADS[dialect].format(name=name), "\n\n".join(parts), ""])


def main() -> None:
    """Write each set in each dialect."""
    for name in SETS:
        for dialect in DIALECTS:
            (SQL / f"{name}_{dialect}.sql").write_text(render(name, dialect), encoding="utf-8")


if __name__ == "__main__":
    main()
