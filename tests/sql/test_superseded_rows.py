"""The statement of docs/loaders.md leaves the newest row of each key."""

from __future__ import annotations

import re

import duckdb
from harness import KEYS
from sqlglot import exp, parse_one

from scripts.superseded_rows import FILE, same_key, script, statement


def test_the_file_is_that_of_the_script() -> None:
    """`python -m scripts.superseded_rows` was run after the last change, and the file has the key of each stream."""
    text = FILE.read_text(encoding="utf-8")
    assert text == script()
    assert re.findall(r"\('(\w+)'(?: as name)?, '", text) == list(KEYS)


def test_only_superseded_rows_leave() -> None:
    """The newest row of each key stays, also one of several parts; a second run changes nothing."""
    database = duckdb.connect(config={"threads": 1})
    database.execute("create table items (portfolio_gid text, gid text, name text, _sdc_batched_at timestamp)")
    rows = [("f", "1", "old", 1), ("f", "1", "new", 2), ("g", "1", "only", 1), ("f", "2", "only", 1)]
    for portfolio, gid, name, day in rows:
        database.execute("insert into items values (?, ?, ?, ?)", [portfolio, gid, name, f"2026-01-0{day}"])
    dropped = statement("items", same_key("portfolio_items"))
    for _ in range(2):
        database.execute(dropped)
        left = database.execute("select portfolio_gid, gid, name from items order by all").fetchall()
        assert left == [("f", "1", "new"), ("f", "2", "only"), ("g", "1", "only")]


def test_bigquery_parses_the_statement() -> None:
    """Each statement that the script executes is a deletion in BigQuery's language."""
    for stream in KEYS:
        assert isinstance(parse_one(statement(f"`{stream}`", same_key(stream)), read="bigquery"), exp.Delete)
