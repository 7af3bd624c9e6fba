"""The dbt package is made from the schemas and the templates, and BigQuery and Snowflake can parse its statements.

`make e2e` builds it for real, in DuckDB and PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
import sqlglot
import yaml
from harness import KEYS, STREAMS
from sqlglot import exp

from scripts.dbt_package import MODELS, files
from scripts.project import ROOT
from scripts.references import references
from tap_asana.tap import TapAsana

SCHEMAS = {name: stream.schema for name, stream in TapAsana(validate_config=False).streams.items()}
NAMES = {file.stem for file in MODELS.rglob("*.sql")}
PARSED = ("bigquery", "snowflake")
"""The warehouses in which nothing is run."""


@cache
def template(file: Path) -> jinja2.Template:
    """Return a model in Jinja."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)  # noqa: S701 - it writes SQL, not HTML
    return environment.from_string(file.read_text(encoding="utf-8"))


def compiled(file: Path, warehouse: str, *, is_loaded: bool) -> str:
    """Return the SQL that dbt makes of a model; references to unknown models and sources fail."""

    def ref(name: str) -> str:
        assert name in NAMES
        return f"dbt.{name}"

    def source(schema: str, stream: str) -> str:
        assert stream in STREAMS
        return f"{schema}.{stream}"

    def unknown_warehouse() -> str:
        pytest.fail(f"{file.name} has no query for {warehouse}")

    return template(file).render(
        target=SimpleNamespace(type=warehouse),
        ref=ref,
        source=source,
        tap_asana_is_loaded=lambda stream: is_loaded and stream in STREAMS,
        tap_asana_unknown_warehouse=unknown_warehouse,
    )


def properties(path: str) -> Any:  # noqa: ANN401 - YAML of any shape
    """Return the content of a generated file of properties."""
    return yaml.safe_load((MODELS / path).read_text(encoding="utf-8"))


def names_of_tests(part: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the tests of a table, a model or a column."""
    for found in part.get("data_tests", ()):
        yield from [found] if isinstance(found, str) else found


def test_the_files_match_the_schemas_and_the_templates() -> None:
    """`python -m scripts.dbt_package` was run after the last change, and no file is left over."""
    assert dict(files()) == {
        str(file.relative_to(MODELS)): file.read_text(encoding="utf-8") for file in MODELS.rglob("*.*")
    }


@pytest.mark.parametrize("warehouse", PARSED)
def test_each_model_is_a_query(warehouse: str) -> None:
    """A model compiles to one query in the language of the warehouse."""
    for file in sorted(MODELS.rglob("*.sql")):
        (parsed,) = sqlglot.parse(compiled(file, warehouse, is_loaded=True), read=warehouse)
        assert isinstance(parsed, exp.Query), file


@pytest.mark.parametrize("warehouse", PARSED)
def test_an_empty_model_has_the_columns_of_its_stream(warehouse: str) -> None:
    """The model of a stream that is not loaded has each field, and the gid of each nested object."""
    for stream, schema in SCHEMAS.items():
        file = MODELS / "staging" / f"stg_tap_asana__{stream}.sql"
        (query,) = sqlglot.parse(compiled(file, warehouse, is_loaded=False), read=warehouse)
        assert isinstance(query, exp.Query)
        objects = {each.path for each in references(schema)} & schema["properties"].keys()
        single = {name for name in objects if "properties" in schema["properties"][name]}
        assert {*schema["properties"], *(f"{name}_gid" for name in single)} <= set(query.named_selects)


def test_each_column_of_the_sources_is_described() -> None:
    """sources.yml has all streams with all their fields, descriptions, and tests of their keys."""
    (source,) = properties("staging/sources.yml")["sources"]
    assert [table["name"] for table in source["tables"]] == list(STREAMS)
    for table in source["tables"]:
        columns = {column["name"]: column for column in table["columns"]}
        assert list(columns) == list(SCHEMAS[table["name"]]["properties"])
        assert all(part["description"] for part in (table, *columns.values()))
        keys = KEYS[table["name"]]
        assert all("not_null" in names_of_tests(columns[key]) for key in keys)
        assert "unique" in names_of_tests(columns["gid"]) or "tap_asana_unique_key" in names_of_tests(table)


def test_the_streams_that_are_not_loaded_are_those_of_meltano() -> None:
    """By default, the models of the streams that the `select` of meltano.yml leaves out are not tested."""
    project = yaml.safe_load((ROOT / "dbt" / "dbt_project.yml").read_text(encoding="utf-8"))
    tap, *_ = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))["plugins"]["extractors"]
    left_out = [rule.removeprefix("!").removesuffix(".*") for rule in tap["select"] if rule.startswith("!")]
    assert project["vars"]["tap_asana_not_loaded"] == left_out
    assert f"tap_asana_not_loaded: [{', '.join(left_out)}]" in (ROOT / "docs" / "dbt.md").read_text(encoding="utf-8")


def test_references_are_tested() -> None:
    """A gid that refers to one or more streams has a test in its staging model, but for those to placeholders."""
    models = {model["name"]: model for model in properties("staging/staging.yml")["models"]}
    tested = {
        (name.removeprefix("stg_tap_asana__"), column["name"])
        for name, model in models.items()
        for column in model.get("columns", ())
        if {"relationships", "tap_asana_refers_to"} & set(names_of_tests(column))
    }
    assert {("stories", "task_gid"), ("tasks", "assignee_gid"), ("attachments", "parent_gid")} <= tested
    assert not {("allocations", "assignee_gid"), ("stories", "new_enum_value_gid")} & tested
