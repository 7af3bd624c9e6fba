"""Meltano for real: it installs the plugins of meltano.yml, runs them twice into each target, and keeps the state."""

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
"""Some of what meltano.yml selects."""


def rows(project: Path, stream: str) -> list[str]:
    """Return the gids that target-jsonl wrote for a stream, in the order of their arrival."""
    lines = (project / "output" / f"{stream}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["gid"] for line in lines]


def test_meltano_runs_the_tap_twice(meltano: Command, project: Path, asana: str, database: str) -> None:
    """The first run into each target loads everything, the second what changed: Meltano kept the state."""
    there = counts(asana)
    meltano("run", "tap-asana", "target-jsonl")
    assert {name: len(rows(project, name)) for name in STREAMS} == {name: there[name] for name in STREAMS}
    meltano("run", "tap-asana", "target-postgres")
    assert {name: table(database, name)[0] for name in STREAMS} == {name: there[name] for name in STREAMS}

    changed = mutate(asana)
    meltano("run", "tap-asana", "target-jsonl")
    assert set(rows(project, "tasks")[there["tasks"] :]) == changed
    meltano("run", "tap-asana", "target-postgres")
    assert table(database, "tasks")[1] == changed


def table(database: str, name: str) -> tuple[int, set[str]]:
    """Return how many rows a table holds, and the gids of those that its newest run brought."""
    newest = sql.SQL(
        "select gid from asana.{0} where _sdc_sync_started_at = (select max(_sdc_sync_started_at) from asana.{0})"
    ).format(sql.Identifier(name))
    every = sql.SQL("select count(*) from asana.{}").format(sql.Identifier(name))
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        (count,) = connection.execute(every).fetchone() or (0,)
        return count, {gid for (gid,) in connection.execute(newest)}


def test_the_project_is_what_meltano_describes() -> None:
    """meltano.yml obeys the schema that Meltano ships, kinds of settings included."""
    (schema,) = Path(tool("MELTANO")).parent.parent.rglob("meltano/schemas/meltano.schema.json")
    Draft7Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(
        yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
    )


def test_meltano_lists_every_setting_and_selects(meltano: Command) -> None:
    """`meltano config list` knows each setting, and `meltano select` each stream, with the default selection."""
    listed = meltano("config", "list", "--all", "tap-asana")
    assert [name for name in SETTINGS["properties"] if f"TAP_ASANA_{name.upper()}" not in listed] == []
    meltano("select", "tap-asana", "--exclude", "stories", "*")
    selected = meltano("select", "tap-asana", "--list", "--all")
    assert re.search(r"\[selected *\] tasks\.name", selected)
    assert re.search(r"\[excluded *\] stories\.text", selected)


def test_meltano_adds_what_bigquery_needs(meltano: Command, project: Path, asana: str) -> None:
    """The tap for BigQuery reads what the tap reads, and each row can say when it was loaded."""
    meltano("run", "tap-asana--bigquery", "target-jsonl")
    assert len(rows(project, "tasks")) == counts(asana)["tasks"]
    lines = (project / "output" / "tasks.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(json.loads(line)["_sdc_batched_at"] for line in lines)


def test_meltano_checks_the_connection(meltano: Command) -> None:
    """`meltano invoke tap-asana:check` tells what the configured token sees, and what a first run will cost."""
    assert "A first run of 38 streams, estimated:" in meltano("invoke", "tap-asana:check")
