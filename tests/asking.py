"""The questions of sql/questions.sql, asked of DuckDB and PostgreSQL at a given moment, and comparable answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from answers import Answers
from duck import rows, with_views
from harness import Output
from warehouse import as_record_value

from scripts.questions import questions

CLOCK = (
    "create or replace view {view} as select cast('{now}' as {timestamp}) as now_at, cast('{today}' as date) as today"
)


def clock_at(moment: datetime, timestamp: str, view: str = "asana_views.clock") -> str:
    """Return the statement that sets the clock of the views; `timestamp` is the database's type."""
    now = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    return CLOCK.format(view=view, now=now, today=moment.date(), timestamp=timestamp)


def comparable(answer: list[tuple[Any, ...]]) -> list[str]:
    """Return the rows of an answer in one order, numbers rounded."""

    def plain(value: Any) -> Any:  # noqa: ANN401 - any value of a database
        return f"{value:.5g}" if isinstance(value, int | float) else value

    return sorted(repr([plain(value) for value in row]) for row in answer)


def ask_duckdb(runs: Iterable[Output], moment: datetime, folder: Path) -> Answers:
    """Return the answers of DuckDB after these runs."""
    with with_views(runs, folder) as database:
        database.execute(clock_at(moment, "timestamp"))
        return {each.name: [tuple(row.values()) for row in rows(database, each.query)] for each in questions()}


def ask_postgres(database: str, moment: datetime) -> Answers:
    """Return the answers of PostgreSQL."""
    with psycopg.connect(database) as connection:
        connection.execute("set time zone 'UTC'")
        connection.execute(clock_at(moment, "timestamptz").encode())
        return {
            each.name: [tuple(map(as_record_value, row)) for row in connection.execute(each.query.encode())]
            for each in questions()
        }
