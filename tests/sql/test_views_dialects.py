"""The files of sql/ are of one make: templates, PostgreSQL, BigQuery and docs/warehouse.md say the same."""

from __future__ import annotations

from functools import cache

import psycopg
import pytest
import sqlglot
from harness import KEYS, Message
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from warehouse import STREAMS, Loaded

from scripts.dialects import DIALECTS
from scripts.questions import questions
from scripts.views import SETS, SQL, render, statements
from tap_asana.tap import TapAsana

SCHEMAS = {name: stream.schema for name, stream in TapAsana(validate_config=False).streams.items() if name in STREAMS}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", SETS)
def test_the_files_match_the_templates(name: str, dialect: str) -> None:
    """`python -m scripts.views` was run after the last change."""
    assert (SQL / f"{name}_{dialect}.sql").read_text(encoding="utf-8") == render(name, DIALECTS[dialect])


def bigquery(schema: Message) -> str:
    """Return a schema's type in BigQuery, as the loader of meltano.yml makes it (tests/sql/test_bigquery.py)."""
    if "properties" in schema:
        return f"struct<{', '.join(f'`{name}` {bigquery(part)}' for name, part in schema['properties'].items())}>"
    if "items" in schema:
        return f"array<{bigquery(schema['items'])}>"
    if schema.get("format") == "date-time":
        return "timestamp"
    kinds = {"string": "string", "boolean": "bool", "number": "numeric"}
    return next(kinds[name] for name in kinds if name in schema["type"])


@cache
def created(name: str) -> dict[str, exp.Query]:
    """Return the queries of a set's views for BigQuery."""
    parsed = sqlglot.parse((SQL / f"{name}_bigquery.sql").read_text(encoding="utf-8"), read="bigquery")
    return {part.this.name: part.expression for part in parsed if isinstance(part, exp.Create) and part.kind == "VIEW"}


@pytest.mark.parametrize("name", SETS)
def test_bigquery_has_the_views_and_columns_of_postgres(loaded: Loaded, name: str) -> None:
    """Both dialects define the same views with the same columns in the same order."""
    columns = """
        select table_name, array_agg(column_name::text order by ordinal_position)
        from information_schema.columns where table_schema = %s group by 1
    """
    with psycopg.connect(loaded.database) as connection:
        found: dict[str, list[str]] = dict(connection.execute(columns, (f"asana_{name}",)).fetchall())
    assert found == {view: query.named_selects for view, query in created(name).items()}


@pytest.mark.parametrize("name", SETS)
def test_the_document_lists_the_views(name: str) -> None:
    """docs/warehouse.md has a row for each view, with its sentence and its columns."""
    document = (SQL.parent / "docs" / "warehouse.md").read_text(encoding="utf-8")
    found = statements(name)
    assert [each.name for each in found] == list(created(name))
    for each in found:
        columns = ", ".join(f"`{column}`" for column in created(name)[each.name].named_selects)
        assert f"| `{each.name}` | {each.description} | {columns} |" in document


@pytest.mark.parametrize("name", SETS)
def test_bigquery_finds_each_column(name: str) -> None:
    """Each column that a query for BigQuery names is one of the tap's, of the target's or of another view's."""
    added = {"_sdc_batched_at": "timestamp"}
    tables = {
        stream: {column: bigquery(part) for column, part in schema["properties"].items()} | added
        for stream, schema in SCHEMAS.items()
    }
    views = {view: dict.fromkeys(query.named_selects, "string") for view, query in created("views").items()}
    for query in created(name).values():
        qualify(query.copy(), schema={"asana": tables, "asana_views": views}, dialect="bigquery")


@pytest.mark.parametrize("dialect", ["bigquery", "snowflake"])
@pytest.mark.parametrize("name", [each.name for each in questions()])
def test_each_question_finds_its_columns(name: str, dialect: str) -> None:
    """The query of a question names views and columns that are there in BigQuery, and as models in Snowflake."""
    views = {view: dict.fromkeys(query.named_selects, "string") for view, query in created("views").items()}
    query = next(each.query for each in questions() if each.name == name)
    qualify(sqlglot.parse_one(query, read=dialect), schema={"asana_views": views}, dialect=dialect)


@pytest.mark.parametrize("name", SETS)
def test_bigquery_sees_the_newest_row_of_each_key(name: str) -> None:
    """Loaders that append leave a row for each read; every view uses only the newest."""
    for query in created(name).values():
        for table in query.find_all(exp.Table):
            if table.db == "asana":
                select = table.find_ancestor(exp.Select)
                assert select
                keys = ", ".join(KEYS[table.name])
                assert str(select.args["qualify"].this) == (
                    f"ROW_NUMBER() OVER (PARTITION BY {keys} ORDER BY _sdc_batched_at DESC) = 1"
                )
