"""The SQL of docs/deletions.md deletes exactly the rows of deleted objects."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from harness import KEYS
from psycopg import sql
from sqlglot import exp, parse, parse_one

from scripts.deleted_rows import FILES, FIRST, OWNERS
from tap_asana.tap import TapAsana

ROOT = Path(__file__).parents[2]
SQL = ROOT / "sql"
POSTGRES, BIGQUERY = (SQL / f"apply_deletions_{name}.sql" for name in ("postgres", "bigquery"))
SCHEMAS = {name: stream.schema["properties"] for name, stream in TapAsana(validate_config=False).streams.items()}

TABLES: Mapping[str, str] = {
    "deletions": "gid text, resource_type text, action text, occurred_at timestamp, parent jsonb",
    "projects": "gid text, name text",
    "tasks": "gid text, parent jsonb",
    "stories": "gid text, task_gid text, goal_gid text",
    "attachments": "gid text, parent jsonb",
    "time_tracking_entries": "gid text, task_gid text",
    "portfolio_items": "portfolio_gid text, gid text",
}
"""The columns that the statements use; other streams are deselected."""

ROWS = """
    insert into projects values ('p1', 'kept'), ('p2', 'gone');
    insert into portfolio_items values ('f1', 'p1'), ('f1', 'p2');
    insert into tasks values ('kept', null), ('gone', null), ('child', '{"gid": "gone"}'),
        ('orphan', '{"gid": "gone"}'), ('back', null), ('again', null), ('same', null), ('moved', null);
    insert into stories values ('s1', 'kept', null), ('s2', 'gone', null), ('s3', 'back', null), ('s4', 'again', null),
        ('s5', 'moved', null), ('s6', 'kept', null), ('s7', null, 'goal'), ('s8', null, 'lost goal');
    insert into attachments values ('a1', '{"gid": "kept"}'), ('a2', '{"gid": "gone"}'), ('a3', null),
        ('a4', '{"gid": "p2"}');
    insert into time_tracking_entries values ('t1', 'kept'), ('t2', 'gone');
"""
DELETIONS = """
    insert into deletions values
        ('gone', 'task', 'deleted', '2026-06-01', null), ('child', 'task', 'deleted', '2026-06-01', null),
        ('back', 'task', 'deleted', '2026-06-01', null), ('back', 'task', 'undeleted', '2026-06-02', null),
        ('again', 'task', 'undeleted', '2026-06-02', null), ('again', 'task', 'deleted', '2026-06-03', null),
        ('again', 'task', 'deleted', '2026-06-01', null),
        ('same', 'task', 'undeleted', '2026-06-01', null), ('same', 'task', 'deleted', '2026-06-01', null),
        ('moved', 'task', 'removed', '2026-06-01', '{"gid": "p1"}'),
        ('gone', 'task', 'removed', '2026-06-04', '{"gid": "p1"}'),
        ('p2', 'project', 'deleted', '2026-06-01', null), ('s6', 'story', 'deleted', '2026-06-01', null),
        ('lost goal', 'goal', 'deleted', '2026-06-01', null);
"""


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    """Connect to a schema that holds the rows, and no deletion yet."""
    with psycopg.connect(database, autocommit=True) as connected:
        connected.execute("create schema asana; set search_path to asana")
        for name, columns in TABLES.items():
            connected.execute(f"create table {name} ({columns})".encode())
        connected.execute(ROWS)
        yield connected


def apply(connection: psycopg.Connection) -> None:
    """Run the file."""
    connection.execute(POSTGRES.read_bytes())


def held(connection: psycopg.Connection) -> dict[str, set[str]]:
    """Return the gids that each table holds."""
    query = sql.SQL("select gid from {}")
    return {name: {gid for (gid,) in connection.execute(query.format(sql.Identifier(name)))} for name in TABLES}


def test_deleted_rows_leave_and_restored_rows_stay(connection: psycopg.Connection) -> None:
    """An object whose last action is deleted leaves with its children; a restored or removed one stays."""
    connection.execute(DELETIONS)
    deletions = held(connection)["deletions"]
    apply(connection)
    once = held(connection)
    assert once == {
        "deletions": deletions,
        "projects": {"p1"},
        "tasks": {"kept", "orphan", "back", "same", "moved"},
        "stories": {"s1", "s3", "s5", "s7"},
        "attachments": {"a1", "a3"},
        "time_tracking_entries": {"t1"},
        "portfolio_items": {"p1"},
    }
    apply(connection)
    assert held(connection) == once


def test_without_deletions_everything_stays(connection: psycopg.Connection) -> None:
    """A first run has no deletions, and the statements delete nothing."""
    before = held(connection)
    apply(connection)
    assert held(connection) == before


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_files_are_those_of_the_list(file: Path) -> None:
    """`python -m scripts.deleted_rows` was run after the last change."""
    assert file.read_text(encoding="utf-8") == FIRST + FILES[file]()


def test_sqlite_deletes_the_same_rows() -> None:
    """A row leaves its table of SQLite with its object or with an owner, and no other row does."""
    with closing(sqlite3.connect(":memory:")) as database:
        for name, owners in OWNERS.items():
            columns = ", ".join(["gid", *(place.replace(".", "__") for place in owners)])
            database.execute(f"create table {name} ({columns})")
            values = [["kept", *owners], ["gone", *owners]]
            values += [[f"with {at}", *("gone" if place == at else place for place in owners)] for at in owners]
            database.executemany(f"insert into {name} values ({', '.join('?' * (1 + len(owners)))})", values)
        database.execute("create table deletions (gid, action, occurred_at)")
        database.execute(
            "insert into deletions values ('gone', 'deleted', '2026-06-01'), ('kept', 'removed', '2026-06-01')"
        )
        for _ in range(2):
            database.executescript((SQL / "apply_deletions_sqlite.sql").read_text(encoding="utf-8"))
            left = {name: database.execute(f"select gid from {name}").fetchall() for name in OWNERS}
            assert left == {name: [("kept",)] for name in OWNERS}


def looked_at(file: Path) -> list[tuple[str, str]]:
    """Return the tables and columns that a file of statements looks at."""
    columns = r"^ +(?:struct)?\('(\w+)'(?: as name)?, '([\w.]+)'(?: as place)?\)"
    return re.findall(columns, file.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("file", [POSTGRES, BIGQUERY], ids=["postgres", "bigquery"])
def test_every_column_of_the_statements_exists(file: Path) -> None:
    """The statements name tables and columns of the tap, keys first, and both files name the same ones."""
    columns = looked_at(file)
    assert columns == looked_at(BIGQUERY)
    for name, place in columns:
        assert "gid" in KEYS[name]
        column, _, inner = place.partition(".")
        assert inner in SCHEMAS[name][column].get("properties", {"": None})


def test_bigquery_parses_the_statements() -> None:
    """The statements before the loop, and the deletion that the loop executes for each column, are BigQuery's."""
    text = BIGQUERY.read_text(encoding="utf-8")
    before, loop, inside = text.partition("for target in (")
    assert loop
    kinds = [type(each) for each in parse(before, read="bigquery")]
    assert kinds == [exp.Set, exp.Create, exp.Semicolon]  # a comment follows the last statement
    [deletion] = re.findall(r"format\('(.*?)'", inside)
    for name, place in looked_at(BIGQUERY):
        assert isinstance(parse_one(deletion % (name, place), read="bigquery"), exp.Delete)


def test_every_table_that_hangs_from_a_task_is_looked_at() -> None:
    """Each stream that carries the gid of its task loses its rows with the task."""
    assert {(name, "task_gid") for name, fields in SCHEMAS.items() if "task_gid" in fields} <= set(looked_at(POSTGRES))


def test_the_document_quotes_the_files() -> None:
    """The statements in docs/deletions.md are those of the files."""
    quoted = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "deletions.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(quoted) == 2
    for text, file in zip(quoted, (POSTGRES, BIGQUERY), strict=True):
        assert text in file.read_text(encoding="utf-8")
