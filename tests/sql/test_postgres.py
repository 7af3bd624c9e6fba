"""The real tap with all of its streams, a real target and a real PostgreSQL, twice, with people at work between."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import requests
from expected import AUDIT, BEARINGS, cut, withheld
from harness import PERSON, SERVICE, key
from postgres import TARGET, configured
from psycopg import sql
from psycopg.rows import dict_row

from scripts.pipeline import control, pipe, served
from tap_asana.tap import TapAsana

SCHEMAS = {stream.name: stream.schema for stream in TapAsana(validate_config=False).streams.values()}
TABLES = [(name, list(schema["properties"])) for name, schema in SCHEMAS.items()]
STREAMS = [table for table in TABLES if table[0] != BEARINGS]
"""The streams that the fake knows the truth of."""

WORLD = (
    *("--seed", "7", "--users", "12", "--teams", "3", "--projects", "12", "--tags", "6"),
    *("--tasks", "150", "--stories", "2", "--busiest", "30"),
)
"""A world with something of every stream, and values in every column."""

Rows = dict[str, dict[str, Any]]
"""Rows by key."""


def truth(address: str, token: str = PERSON["access_token"]) -> dict[str, Rows]:
    """Return Asana's records for the owner of a token, without the fields that the tap never emits."""
    tables: dict[str, Rows] = {}
    for name, _ in STREAMS:
        answer = requests.get(control(address, f"truth/{name}"), params={"token": token}, timeout=60)
        rows = answer.json()
        tables[name] = {key(name, row): cut({**row, **withheld(name, row)}, SCHEMAS[name]) for row in rows}
    return tables


def landed(database: str) -> dict[str, Rows]:
    """Return the rows of the tables, without the target's own columns."""
    tables: dict[str, Rows] = {}
    with psycopg.connect(database, row_factory=dict_row) as connection:
        for name, columns in TABLES:
            query = sql.SQL("select {} from asana.{}").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(name)
            )
            rows = connection.execute(query).fetchall()
            tables[name] = {key(name, row): row for row in rows}
            assert len(rows) == len(tables[name])
    return tables


def run(folder: Path, address: str, database: str, state: str, token: str = PERSON["access_token"]) -> str:
    """Pipe the tap into the target, and return the target's last state."""
    configs = {
        "tap": {"access_token": token, "api_url": address},
        "target": configured(database),
        "state": json.loads(state),
    }
    for name, config in configs.items():
        (folder / f"{name}.json").write_text(json.dumps(config), encoding="utf-8")
    tap: list[str | Path] = ["--config", folder / "tap.json", "--state", folder / "state.json"]
    return pipe(tap, [TARGET, "--config", folder / "target.json"], folder).splitlines()[-1]


def rows_apart(tables: dict[str, Rows], *holdings: dict[str, Rows]) -> list[str]:
    """Return each missing row and each superfluous row."""
    return [
        f"{name} {'has' if gid in tables[name] else 'misses'} {gid}"
        for name, _ in STREAMS
        for gid in sorted(tables[name].keys() ^ set().union(*(holding[name] for holding in holdings)))
    ]


def plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value, and its form in PostgreSQL
    """Return a value in comparable form: numbers as floats, timestamps as text, objects by their gids."""
    if isinstance(value, list):
        return sorted(map(plain, value), key=repr)
    if isinstance(value, dict):
        return value.get("gid", "an object")
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal | int | float) and not isinstance(value, bool) else value


def differences(there: dict[str, Rows], here: dict[str, Rows]) -> list[str]:
    """Return each value of Asana's that its table does not hold."""
    return [
        f"{name}.{column} of {gid}: {here[name][gid][column]!r} is not {row[column]!r}"
        for name, columns in STREAMS
        for gid, row in there[name].items()
        for column in columns
        if column in row and plain(here[name][gid][column]) != plain(row[column])
    ]


def reloaded(database: str, name: str) -> set[str]:
    """Return the gids of the rows written by the newest run."""
    query = sql.SQL(
        "select gid from asana.{0} where _sdc_sync_started_at = (select max(_sdc_sync_started_at) from asana.{0})"
    )
    with psycopg.connect(database) as connection:
        return {gid for (gid,) in connection.execute(query.format(sql.Identifier(name)))}


def test_postgres_equals_asana_after_two_runs(tmp_path: Path, database: str) -> None:
    """Each table has the values of Asana's records, old and new, and the second run writes only changes."""
    with served(*WORLD) as address:
        state = run(tmp_path, address, database, "{}")
        first, loaded = truth(address), landed(database)
        assert [name for name, _ in TABLES if not loaded[name]] == [BEARINGS, AUDIT]
        assert rows_apart(loaded, first) == []
        assert differences(first, loaded) == []

        changes = requests.post(control(address, "mutate"), timeout=60).json()
        run(tmp_path, address, database, state)
        second, loaded = truth(address), landed(database)
        assert rows_apart(loaded, first, second) == []
        assert differences(second, loaded) == []
        silent = changes["untimestamped"]["tasks"]  # their events name them
        assert silent
        assert reloaded(database, "tasks") == {*changes["changed"]["tasks"], *silent}
        deletions = {(row["gid"], row["action"]) for row in loaded[BEARINGS].values()}
        assert deletions
        assert deletions <= {(found["gid"], found["action"]) for found in changes["deletions"]}


def test_postgres_equals_the_view_of_a_service_account(tmp_path: Path, database: str) -> None:
    """Each table, including the audit log, has rows with the values visible to the service account."""
    token = SERVICE["access_token"]
    with served(*WORLD) as address:
        run(tmp_path, address, database, "{}", token)
        there, loaded = truth(address, token), landed(database)
    assert [name for name, _ in TABLES if not loaded[name]] == [BEARINGS]
    assert rows_apart(loaded, there) == []
    assert differences(there, loaded) == []
