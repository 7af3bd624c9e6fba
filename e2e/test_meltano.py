"""A real Meltano installs the plugins of meltano.yml, runs them twice into each target, and keeps the state."""

from __future__ import annotations

import json
import re
from pathlib import Path

import psycopg
import yaml
from jsonschema import Draft7Validator
from psycopg import sql

from e2e.conftest import ROOT, Command, counts, mutate, tool
from tap_asana.settings import SETTINGS

STREAMS = ("workspaces", "projects", "users", "tasks", "stories", "goals", "portfolios")
"""Some of the streams selected in meltano.yml."""


def rows(project: Path, stream: str) -> list[str]:
    """Return the gids that target-jsonl wrote for a stream, in file order."""
    lines = (project / "output" / f"{stream}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["gid"] for line in lines]


def test_meltano_runs_the_tap_twice(meltano: Command, project: Path, asana: str, database: str) -> None:
    """The first run into each target loads everything, and the second only changes, because Meltano kept the state."""
    expected = counts(asana)
    meltano("run", "tap-asana", "target-jsonl")
    assert {name: len(rows(project, name)) for name in STREAMS} == {name: expected[name] for name in STREAMS}
    meltano("run", "tap-asana", "target-postgres")
    assert {name: table(database, name)[0] for name in STREAMS} == {name: expected[name] for name in STREAMS}

    changed = mutate(asana, follow_events=False)
    meltano("run", "tap-asana", "target-jsonl")
    assert set(rows(project, "tasks")[expected["tasks"] :]) == changed
    meltano("run", "tap-asana", "target-postgres")
    assert table(database, "tasks")[1] == changed


def table(database: str, name: str) -> tuple[int, set[str]]:
    """Return the number of rows in a table, and the gids loaded by its newest run."""
    newest = sql.SQL(
        "select gid from asana.{0} where _sdc_sync_started_at = (select max(_sdc_sync_started_at) from asana.{0})"
    ).format(sql.Identifier(name))
    every = sql.SQL("select count(*) from asana.{}").format(sql.Identifier(name))
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        (count,) = connection.execute(every).fetchone() or (0,)
        return count, {gid for (gid,) in connection.execute(newest)}


def test_the_project_is_what_meltano_describes() -> None:
    """meltano.yml is valid by the schema that Meltano ships, including the kinds of settings."""
    (schema,) = Path(tool("MELTANO")).parent.parent.rglob("meltano/schemas/meltano.schema.json")
    Draft7Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(
        yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    )


def test_meltano_lists_every_setting_and_selects(meltano: Command) -> None:
    """`meltano config list` lists every setting, and `meltano select` the streams with their selection."""
    listed = meltano("config", "list", "--all", "tap-asana")
    assert [name for name in SETTINGS["properties"] if f"TAP_ASANA_{name.upper()}" not in listed] == []
    meltano("select", "tap-asana", "--exclude", "stories", "*")
    selected = meltano("select", "tap-asana", "--list", "--all")
    assert re.search(r"\[selected *\] tasks\.name", selected)
    assert re.search(r"\[excluded *\] stories\.text", selected)


def test_meltano_adds_what_bigquery_needs(meltano: Command, project: Path, asana: str) -> None:
    """The tap for BigQuery reads the same tasks, and adds the load time to each row."""
    meltano("run", "tap-asana--bigquery", "target-jsonl")
    assert len(rows(project, "tasks")) == counts(asana)["tasks"]
    lines = (project / "output" / "tasks.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(json.loads(line)["_sdc_batched_at"] for line in lines)


def test_meltano_checks_the_connection(meltano: Command) -> None:
    """`meltano invoke tap-asana:check` estimates the cost of a first run with the configured token."""
    assert "A first run of 38 streams, estimated:" in meltano("invoke", "tap-asana:check")
