"""The examples for Dagster, Prefect and GitHub Actions run: everything first, and then what changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from e2e.conftest import ROOT, counts, mutate, run, tool

EXAMPLES = ROOT / "examples"
SKIPPING = """
import datetime, runpy, sys
import dagster as dg

example = runpy.run_path(sys.argv[1])
with dg.instance_for_test() as instance:
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=datetime.datetime.now())
    print(type(example["hourly"](context)).__name__)
    run = dg.DagsterRun(job_name="asana_hourly", status=dg.DagsterRunStatus.STARTED)
    instance.add_run(run)
    print(type(example["hourly"](context)).__name__)
"""


@pytest.fixture
def scheduler(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Return the environment that the examples for schedulers in Python need."""
    (tmp_path / "data").mkdir()
    target = tmp_path / "target.json"
    content = {"destination_path": str(tmp_path / "data"), "do_timestamp_file": False}
    target.write_text(json.dumps(content), encoding="utf-8")
    for folder in ("dagster", "prefect"):
        (tmp_path / folder).mkdir()
    return {
        **environment,
        "ASANA_PIPE": str(EXAMPLES / "pipe.sh"),
        "ASANA_STATE": str(tmp_path / "state.json"),
        "ASANA_TARGET": f"{tool('TARGET_JSONL')} --config {target}",
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "DAGSTER_HOME": str(tmp_path / "dagster"),
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",  # a busy machine takes longer than the default, 20
    }


def gids(tmp_path: Path) -> list[str]:
    """Return the gids of the tasks that target-jsonl wrote, in file order."""
    lines = (tmp_path / "data" / "tasks.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["gid"] for line in lines]


def twice(command: list[str], variables: Mapping[str, str], tmp_path: Path, asana: str) -> list[str]:
    """Run a command that loads everything, and again after changes, of which it must load each; return its logs."""
    first = run(command, tmp_path, variables)
    count = counts(asana)["tasks"]
    assert len(gids(tmp_path)) == count
    changed = mutate(asana)
    second = run(command, tmp_path, variables)
    assert set(gids(tmp_path)[count:]) == changed
    return [first, second]


def test_dagster_loads_what_changed(scheduler: dict[str, str], tmp_path: Path, asana: str) -> None:
    """The job runs twice, with the log of the tap in that of Dagster."""
    file = str(EXAMPLES / "dagster" / "asana.py")
    logs = twice([tool("DAGSTER"), "job", "execute", "-f", file, "-j", "asana_hourly"], scheduler, tmp_path, asana)
    assert all("RUN_SUCCESS" in log for log in logs)
    assert all("tap-asana v" in log for log in logs), "the log of the tap"


def test_dagster_leaves_out_a_run_while_another_is_busy(scheduler: dict[str, str], tmp_path: Path) -> None:
    """The schedule asks for a run, and for none while the state is in use."""
    python = Path(tool("DAGSTER")).with_name("python")
    output = run([python, "-W", "ignore", "-c", SKIPPING, EXAMPLES / "dagster" / "asana.py"], tmp_path, scheduler)
    assert output.split()[-2:] == ["RunRequest", "SkipReason"]


def test_prefect_loads_what_changed(scheduler: dict[str, str], tmp_path: Path, asana: str) -> None:
    """The flow runs twice, with the log of the tap in that of Prefect."""
    python = str(Path(tool("PREFECT")).with_name("python"))
    code = f"import runpy; runpy.run_path({str(EXAMPLES / 'prefect' / 'asana.py')!r})['asana']()"
    logs = twice([python, "-c", code], scheduler, tmp_path, asana)
    assert all("Finished in state Completed()" in log for log in logs)
    assert all("tap-asana v" in log for log in logs), "the log of the tap"


def test_github_s_workflow_loads_what_changed(
    installer: dict[str, str], tmp_path: Path, asana: str, database: str
) -> None:
    """Its commands install the tap and a target, load a database, and leave the state where the cache takes it."""
    workflow: dict[Any, Any] = yaml.safe_load((EXAMPLES / "github-actions" / "asana.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    secrets = {"TAP_ASANA_ACCESS_TOKEN": "0/fake", "TARGET_POSTGRES_SQLALCHEMY_URL": database}
    variables = {**installer, **{name: secrets.get(name, value) for name, value in job["env"].items()}}
    (tmp_path / "asana").mkdir()
    shutil.copy(EXAMPLES / "pipe.sh", tmp_path / "asana")

    def count(condition: str = "true") -> int:
        with psycopg.connect(database.replace("+psycopg", "")) as connection:
            (found,) = connection.execute(f"select count(*) from asana.tasks where {condition}").fetchone() or (0,)  # noqa: S608 - ours
            return int(found)

    scripts = {step["name"]: step["run"] for step in job["steps"] if "run" in step}
    for script in scripts.values():
        run(["bash", "-ec", script], tmp_path, variables)
    assert count() == counts(asana)["tasks"]
    (path,) = {step["with"]["path"] for step in job["steps"] if "cache" in step.get("uses", "")}
    assert (tmp_path / path).stat().st_size

    changed = mutate(asana)
    run(["bash", "-ec", scripts["Load"]], tmp_path, variables)
    newest = "_sdc_sync_started_at = (select max(_sdc_sync_started_at) from asana.tasks)"
    assert count(newest) == len(changed)
