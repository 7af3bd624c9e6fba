"""What one run has read is right for the pass that another run ends."""

from __future__ import annotations

import pytest
from harness import ENTRIES, Message, asana, catalog_of, clock, sync
from interruptions import interrupted
from methods import EXPORT, HOUR, LIST
from passes import FEW, WITHOUT_EVENTS

from fake_asana.messages import HttpRequest
from fake_asana.model.choices import FreshnessForm
from fake_asana.model.dialect import Dialect

STREAMS = ("tasks", "stories", "deletions")
HALF_DAY: Message = {**LIST, **WITHOUT_EVENTS, "reconcile_days": 1}


@pytest.mark.usefixtures("eager")
def test_a_pass_names_no_task_that_an_interrupted_run_has_just_read() -> None:
    """Asana answers 404 for the gid of a new task; the run that resumes the read does not meet the task itself."""
    for at in range(12, 40):
        api = asana(FEW, dialect=Dialect(freshness=FreshnessForm(late_gids=60)))
        config = {**HALF_DAY, "max_concurrency": 1}
        for workspace in api.world.workspaces.values():
            api.world.downgrade(workspace, "audit_log")
        output = sync(api, config=config, select=("deletions", "tasks"))
        clock(api).advance(24 * HOUR)
        new = api.world.add_task(project=min(api.world.projects))
        clock(api).advance(5)
        killed = interrupted(api, at, config=config, select=("deletions", "tasks"), state=output.state)
        clock(api).advance(5)
        output = output.then(killed)
        output = output.then(sync(api, config=config, select=("deletions", "tasks"), state=output.state))
        assert new in output.gids("tasks")
        assert new not in output.gids("deletions"), at


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(("method", "lookback_seconds"), [("FULL_TABLE", 600), ("INCREMENTAL", 0)])
def test_a_continued_pass_names_no_task_that_the_run_before_has_just_read(method: str, lookback_seconds: int) -> None:
    """It was killed at the begin of its pass, and Asana does not know the gid of the new task yet."""
    api = asana(FEW, dialect=Dialect(freshness=FreshnessForm(late_gids=60)))
    for workspace in api.world.workspaces.values():
        api.world.downgrade(workspace, "audit_log")
    config = {**HALF_DAY, "lookback_seconds": lookback_seconds}
    catalog = catalog_of(STREAMS, {"tasks": {**ENTRIES["tasks"], "replication_method": method}})
    output = sync(api, config=config, catalog=catalog)
    clock(api).advance(24 * HOUR)
    new = api.world.add_task(project=min(api.world.projects))
    clock(api).advance(5)
    killed = interrupted(api, _reads_one_task, config=config, catalog=catalog, state=output.state)
    output = output.then(killed)
    clock(api).advance(5)
    output = output.then(sync(api, config=config, catalog=catalog, state=output.state))
    assert new in output.gids("tasks")
    assert new not in output.gids("deletions")
    api.world.delete_task(new)
    clock(api).advance(24 * HOUR)
    output = output.then(sync(api, config=config, catalog=catalog, state=output.state))
    assert new in output.gids("deletions")


def test_a_pass_of_one_run_names_what_is_deleted_although_runs_and_lookback_are_short() -> None:
    """No run meets all that was created in the last ten minutes, and an export has all tasks at once."""
    api = asana(FEW)
    for workspace in api.world.workspaces.values():
        api.world.downgrade(workspace, "audit_log")
    config = {**EXPORT, **WITHOUT_EVENTS, "reconcile_days": 1, "lookback_seconds": 0}
    output = sync(api, config=config, select=("deletions", "tasks"))
    clock(api).advance(HOUR)
    gone = min(api.world.tasks)
    api.world.delete_task(gone)
    for _ in range(50):
        clock(api).advance(500)
        output = output.then(sync(api, config=config, select=("deletions", "tasks"), state=output.state))
    sources = [row["source"] for row in output.records("deletions") if row["gid"] == gone]
    assert sources.count("reconciled") == 1


def _reads_one_task(request: HttpRequest) -> bool:
    """Return whether a request is for a single task: the first ones are those of the pass."""
    return request.path.rpartition("/")[0].endswith("/tasks")
