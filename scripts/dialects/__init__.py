"""The SQL dialects of `sql/`: each renders the marks of the templates in its own words."""

from __future__ import annotations

from collections.abc import Mapping

from scripts.dialects.bigquery import BigQuery
from scripts.dialects.dialect import Dialect
from scripts.dialects.duckdb import DuckDB
from scripts.dialects.postgres import Postgres

DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (Postgres(), BigQuery(), DuckDB())}
