"""Generate the models of `dbt/`, and the properties of sources and models: `python -m scripts.dbt_package`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from typing_extensions import override

from scripts.dbt_models import MODEL, STAGING, VIEW_SETS, gid_column, gid_columns, models
from scripts.dialects.dialect import KEYS, SCHEMAS, STREAMS
from scripts.project import ROOT
from scripts.references import Reference, references
from scripts.views import statements
from tap_asana.records.fields import PEOPLE

MODELS = ROOT / "dbt" / "models"
FIRST = "# Written by python -m scripts.dbt_package.\n"
FRESH = ("workspaces", "users", "workspace_memberships", "projects")
"""Streams that every run reads completely and that are never empty, so that an old newest row means a missing run."""

FRESHNESS = {"warn_after": {"count": 36, "period": "hour"}, "error_after": {"count": 72, "period": "hour"}}

PLACEHOLDERS = {("allocations", "assignee"), ("rates", "resource")}
"""References that can also be to a placeholder for a person, which Asana lists nowhere."""

Properties = dict[str, Any]


class PlainDumper(yaml.SafeDumper):
    """Writes equal values in full at each place."""

    @override
    def ignore_aliases(self, data: object) -> bool:
        return True


def description(stream: str) -> str:
    """Return the first sentence of a stream."""
    return (type(STREAMS[stream]).__doc__ or "").splitlines()[0]


def enabled(streams: Iterable[str]) -> str:
    """Return the condition that all these streams are loaded."""
    return f"{{{{ {' and '.join(map(is_loaded, streams))} }}}}"


def is_loaded(stream: str) -> str:
    """Return the expression of Jinja for whether a stream is loaded."""
    return f"'{stream}' not in var('tap_asana_not_loaded')"


def tested(name: str, streams: Iterable[str], arguments: Properties, **config: str) -> Properties:
    """Return a test that runs if these streams are loaded."""
    return {name: {"arguments": arguments, "config": {**config, "enabled": enabled(streams)}}}


def targets(reference: Reference) -> dict[str, str]:
    """Return the streams of a reference, each with its column of gids; people who left are members of a workspace."""
    if not set(reference.streams) <= SCHEMAS.keys():
        return {}
    former = {"workspace_memberships": "user_gid"} if set(PEOPLE) <= set(reference.streams) else {}
    return {**dict.fromkeys(reference.streams, "gid"), **former}


def refers(stream: str, reference: Reference) -> list[Properties]:
    """Return the test of a reference: a token sees only a part of Asana, so that a missing object is a warning."""
    columns = targets(reference)
    if not columns or (stream, reference.path) in PLACEHOLDERS:
        return []
    loaded = dict.fromkeys((stream, *columns))
    tables = [f"ref('{STAGING}{name}')" for name in columns]
    if len(columns) == 1:
        return [tested("relationships", loaded, {"to": tables[0], "field": "gid"}, severity="warn")]
    return [tested("tap_asana_refers_to", loaded, {"to": tables, "fields": list(columns.values())}, severity="warn")]


def source(stream: str) -> Properties:
    """Return the properties of a stream's table."""
    keys = KEYS[stream]
    fields = {name: field["description"] for name, field in SCHEMAS[stream]["properties"].items()}
    # BigQuery's loader appends, so that only staging has a row for each key.
    unique = {"config": {"enabled": f"{{{{ target.type != 'bigquery' and {is_loaded(stream)} }}}}"}}
    columns: list[Properties] = []
    for name, text in fields.items():
        column: Properties = {"name": name, "description": text}
        if name in keys:
            column["data_tests"] = [{"not_null": {"config": {"enabled": enabled([stream])}}}]
        if keys == (name,):
            column["data_tests"].append({"unique": unique})
        columns.append(column)
    compound = {"tap_asana_unique_key": {"arguments": {"columns": list(keys)}, **unique}}
    return {
        "name": stream,
        "description": description(stream),
        "config": {"freshness": FRESHNESS if stream in FRESH else None},
        **({"data_tests": [compound]} if len(keys) > 1 else {}),
        "columns": columns,
    }


def sources() -> Properties:
    """Return the properties of the tables that the loader writes."""
    return {
        "version": 2,
        "sources": [
            {
                "name": "tap_asana",
                "description": "The tables that tap-asana loads, a table for each stream.",
                "schema": "{{ var('tap_asana_schema') }}",
                "database": "{{ var('tap_asana_database', target.database) }}",
                "config": {"loaded_at_field": "_sdc_batched_at"},
                "tables": [source(stream) for stream in SCHEMAS],
            }
        ],
    }


def staging() -> Properties:
    """Return the properties of the staging models."""
    return {"version": 2, "models": [_staging(stream) for stream in SCHEMAS]}


def _staging(stream: str) -> Properties:
    local = [reference for reference in references(SCHEMAS[stream]) if reference.is_gid]
    columns = [
        {"name": gid_column(each), "description": f"Gid of {each.path}.", "data_tests": refers(stream, each)}
        for each in (*local, *gid_columns(stream))
    ]
    return {
        "name": f"{STAGING}{stream}",
        "description": f"{description(stream)} A row for each that exists.",
        "data_tests": [tested("tap_asana_unique_key", [stream], {"columns": list(KEYS[stream])})],
        "columns": [{name: part for name, part in column.items() if part} for column in columns],
    }


def views(view_set: str) -> Properties:
    """Return the properties of the models of a set of views."""
    found = [{"name": f"{MODEL}{part.name}", "description": part.description} for part in statements(view_set)]
    return {"version": 2, "models": found}


def files() -> Iterator[tuple[str, str]]:
    """Yield each generated file: its path below `models`, and its text."""
    properties = {"staging/sources.yml": sources(), "staging/staging.yml": staging()}
    properties |= {f"{view_set}/{view_set}.yml": views(view_set) for view_set in VIEW_SETS}
    for path, content in properties.items():
        yield path, FIRST + yaml.dump(content, Dumper=PlainDumper, sort_keys=False, width=120, allow_unicode=True)
    yield from models().items()


def main() -> None:
    """Write each file, and remove those of streams and views that are gone."""
    found = dict(files())
    for file in MODELS.rglob("*.*"):
        if str(file.relative_to(MODELS)) not in found:
            file.unlink()
    for path, text in found.items():
        (MODELS / path).parent.mkdir(parents=True, exist_ok=True)
        (MODELS / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
