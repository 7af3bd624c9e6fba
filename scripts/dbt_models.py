"""The models of the dbt package, from the schemas of the streams and the templates of `sql/`."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from scripts.deleted_rows import OWNERS
from scripts.dialects import DIALECTS
from scripts.dialects.bigquery import LATEST_ROWS
from scripts.dialects.dialect import KEYS, SCHEMAS, Dialect
from scripts.dialects.snowflake import Snowflake
from scripts.references import Reference, references
from scripts.views import MARK, Statement, statements

WAREHOUSES: Mapping[str, Dialect] = {**DIALECTS, Snowflake.name: Snowflake()}
"""The dialects of the models, by dbt's name of the adapter."""

VIEW_SETS = ("views",)
"""The sets of `sql/templates` that are models; Fivetran's own package reads the other one."""

BASE, STAGING, MODEL = "base_tap_asana__", "stg_tap_asana__", "tap_asana__"
"""What the names of the models begin with; a project has each name once, over all its packages."""

DELETED = "deleted"
"""The view, and the model, of the deleted gids."""

QUOTED = {"postgres": '"{0}"', "bigquery": "`{0}`", "duckdb": '"{0}"', "snowflake": "{0}"}
"""The form of a column's name that may be a word of the language, such as user."""

LINE_LENGTH = 118

HEAD = "-- Written by python -m scripts.dbt_package from {}.\n"
KEPT = r"\{\{kept [\w.]+\}\}"
TABLE = r"\{\{table (\w+)\}\} as (\w+)"
ALL_ROWS = "{{{{all {0}}}}} as {1}"
"""A table without a condition on deleted rows, with a mark of its own."""

LAYERS = {"table": STAGING, "all": BASE, "ref": MODEL}
"""What the names of the models begin with, by the mark that reads them."""


def by_warehouse(queries: Mapping[str, str]) -> str:
    """Return a model with a query for each adapter, and an error for any other."""
    parts = [
        f"{{% {'if' if at == 0 else 'elif'} target.type == '{name}' %}}\n{query}\n"
        for at, (name, query) in enumerate(queries.items())
    ]
    return "".join([*parts, "{% else %}\n{{ tap_asana_unknown_warehouse() }}\n{% endif %}\n"])


def gid_columns(stream: str) -> Iterator[Reference]:
    """Yield the references of a stream that staging adds a column for: the single objects at the top of its records."""
    names = SCHEMAS[stream]["properties"]
    for reference in references(SCHEMAS[stream]):
        is_elsewhere = reference.is_gid or reference.is_repeated or "." in reference.path
        if not is_elsewhere and gid_column(reference) not in names:
            yield reference


def gid_column(reference: Reference) -> str:
    """Return the name of the column for the gid of a reference."""
    return reference.path if reference.is_gid else f"{reference.path}_gid"


def staging(stream: str) -> str:
    """Return the staging model of a stream: a row for each key that exists, with the gids of nested objects."""
    queries = {name: _rows(stream, dialect, _conditions(stream, dialect)) for name, dialect in WAREHOUSES.items()}
    deleted = f"{{% set deleted = ref('{MODEL}{DELETED}') %}}\n" if stream in OWNERS else ""
    return f"{HEAD.format('the schema of the stream')}{deleted}{by_warehouse(queries)}"


def base(stream: str) -> str:
    """Return the model of all rows of a stream, also of deleted objects, whose names other objects still need."""
    queries = {name: _rows(stream, dialect, []) for name, dialect in WAREHOUSES.items()}
    return HEAD.format("the schema of the stream") + by_warehouse(queries)


def _conditions(stream: str, dialect: Dialect) -> list[str]:
    """Return the conditions that a row is neither marked by the loader nor deleted in Asana."""
    kept = [f"s.{name} is null" for name in dialect.added if name == "_sdc_deleted_at"]
    return kept + [_not_deleted(dialect, place) for place in ("gid", *OWNERS[stream])] if stream in OWNERS else kept


def _rows(stream: str, dialect: Dialect, conditions: Sequence[str]) -> str:
    source = f"{{{{ source('tap_asana', '{stream}') }}}}"
    gids = {gid_column(each): dialect.text(f"s.{each.path}", ["gid"]) for each in gid_columns(stream)}
    selected = ",\n    ".join(["s.*", *(f"{place} as {name}" for name, place in gids.items())])
    rows = source
    if dialect.name == "bigquery":
        rows = LATEST_ROWS.format(table=source, key=", ".join(KEYS[stream]))
    where = "\nwhere " + "\n    and ".join(conditions) if conditions else ""
    nothing = _null_columns(stream, dialect, gids)
    return (
        f"{{% if tap_asana_is_loaded('{stream}') %}}\nselect\n    {selected}\nfrom {rows} as s{where}\n"
        f"{{% else %}}\nselect\n    {nothing}\nfrom (select 1 as one) as nothing\nwhere one = 0\n{{% endif %}}"
    )


def _not_deleted(dialect: Dialect, place: str) -> str:
    column, _, inner = place.partition(".")
    gid = dialect.text(f"s.{column}", [inner]) if inner else f"s.{column}"
    gid = gid if place == "gid" else f"coalesce({gid}, '')"
    return f"{gid} not in (select gid from {{{{ deleted }}}})"  # noqa: S608 - a generated model


def _null_columns(stream: str, dialect: Dialect, gids: Mapping[str, str]) -> str:
    fields = {name: dialect.column_type(field) for name, field in SCHEMAS[stream]["properties"].items()}
    added = {name: kind.removesuffix(" not null") for name, kind in dialect.added.items()}
    types = {**fields, **added, **dict.fromkeys(gids, dialect.types["string"])}
    columns = (f"cast(null as {kind}) as {QUOTED[dialect.name].format(name)}" for name, kind in types.items())
    return textwrap.fill(", ".join(columns), LINE_LENGTH, subsequent_indent="    ", break_long_words=False)


def model(statement: Statement) -> str:
    """Return the model of a view of `sql/`; staging has removed deleted rows, so that its conditions on them go."""
    filtered = set(re.findall(r"\{\{kept (\w+)\.", statement.text))
    text = re.sub(
        TABLE, lambda mark: mark[0] if mark[2] in filtered else ALL_ROWS.format(*mark.groups()), statement.text
    )
    text = re.sub(rf" and {KEPT}", "", text)
    text = re.sub(rf"(?<=where ){KEPT} and ", "", text)
    text = re.sub(rf"\n *where {KEPT}", "", text)
    if re.search(KEPT, text):
        raise ValueError(f"{statement.name} has a condition on deleted rows at an unknown place")
    # Words of no meaning pass the dialect unchanged, and become Jinja only after it.
    tables: dict[str, str] = {}

    def word(mark: re.Match[str]) -> str:
        kind, name, _ = mark.groups()
        if kind not in LAYERS:
            return mark[0]
        placeholder = f"__{kind}_{name}__"
        tables[placeholder] = f"{{{{ ref('{LAYERS[kind]}{name}') }}}}"
        return placeholder

    neutral = replace(statement, text=MARK.sub(word, text))

    def query(dialect: Dialect) -> str:
        rendered = neutral.render_query(dialect)
        for placeholder, table in tables.items():
            rendered = rendered.replace(placeholder, table)
        return rendered

    queries = {name: query(dialect) for name, dialect in WAREHOUSES.items()}
    return HEAD.format(f"sql/templates/{statement.view_set}.sql") + by_warehouse(queries)


def models() -> dict[str, str]:
    """Return the SQL of each model by the path of its file below `models`."""
    found = {f"staging/{STAGING}{stream}.sql": staging(stream) for stream in SCHEMAS}
    for view_set in VIEW_SETS:
        found |= {f"{view_set}/{MODEL}{part.name}.sql": model(part) for part in statements(view_set)}
    named = set(re.findall(rf"ref\('{BASE}(\w+)'\)", "".join(found.values())))
    return found | {f"staging/{BASE}{stream}.sql": base(stream) for stream in sorted(named)}
