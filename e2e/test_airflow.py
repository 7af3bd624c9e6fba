"""A real Airflow loads the example's DAGs and runs each; the second run only reads changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from e2e.conftest import Command, counts, mutate

DAGS = {"asana_meltano", "asana_tap"}


def gids(file: Path) -> list[str]:
    """Return the gids in a file of JSON lines, in file order."""
    return [json.loads(line)["gid"] for line in file.read_text(encoding="utf-8").splitlines()]


def test_airflow_runs_the_tap_alone(airflow: Command, tmp_path: Path, asana: str) -> None:
    """The DAG's runs resume from the state that the target confirmed; the run on Sunday at 3:00 is a full refresh."""
    tasks = tmp_path / "data" / "tasks.jsonl"
    airflow("dags", "test", "asana_tap", "2026-11-24T10:00:00")
    count = counts(asana)["tasks"]
    assert len(gids(tasks)) == count

    changed = mutate(asana)
    airflow("dags", "test", "asana_tap", "2026-11-24T11:00:00")
    assert set(gids(tasks)[count:]) == changed

    tasks.unlink()
    airflow("dags", "test", "asana_tap", "2026-11-29T03:00:00")
    assert len(gids(tasks)) == counts(asana)["tasks"]


@pytest.mark.parametrize("deleted", ["", *sorted(DAGS)])
def test_either_line_of_commands_can_be_deleted(airflow: Command, tmp_path: Path, deleted: str) -> None:
    """After deleting the line of an unused DAG, as the example suggests, only the other DAG is left."""
    file = tmp_path / "dags" / "asana.py"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    other_lines = [line for line in lines if not line.startswith(f'    "{deleted}": ')]
    assert len(lines) - len(other_lines) == bool(deleted)
    file.write_text("".join(other_lines), encoding="utf-8")
    listing = airflow("dags", "list", "--local", "--output", "json")
    assert set(re.findall(r'"dag_id": "(\w+)"', listing)) == DAGS - {deleted}


@pytest.mark.usefixtures("meltano")
def test_airflow_runs_meltano(airflow: Command, project: Path, asana: str) -> None:
    """The DAG's runs resume from the state that Meltano keeps; with full_refresh they start over."""
    tasks = project / "output" / "tasks.jsonl"
    airflow("dags", "test", "asana_meltano", "2026-11-24T10:00:00")
    count = counts(asana)["tasks"]
    assert len(gids(tasks)) == count

    changed = mutate(asana, follow_events=False)
    airflow("dags", "test", "asana_meltano", "2026-11-24T11:00:00")
    assert set(gids(tasks)[count:]) == changed

    tasks.unlink()
    airflow("dags", "test", "asana_meltano", "2026-11-24T12:00:00", "--conf", '{"full_refresh": true}')
    assert len(gids(tasks)) == counts(asana)["tasks"]
