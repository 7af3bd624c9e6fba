"""What one run has read is right for the pass that another run ends."""

from __future__ import annotations

import pytest
from deleted import deleted_gids
from harness import Message, asana, clock, sync
from interruptions import interrupted
from methods import HOUR, LIST
from passes import FEW, WITHOUT_EVENTS, state_of, world_of

from fake_asana.model.choices import FreshnessForm
from fake_asana.model.dialect import Dialect

STREAMS = ("tasks", "stories", "deletions")
HALF_DAY: Message = {**LIST, **WITHOUT_EVENTS, "reconcile_days": 1}
IN_PARTS: Message = {"requests_per_minute": 20, "reconcile_percent": 1}
"""A share of the request rate that a pass over few tasks needs several runs for."""


@pytest.mark.parametrize("is_listed_again", [False, True])
def test_a_task_that_is_listed_again_after_a_pass_went_by_is_named_if_it_is_deleted(*, is_listed_again: bool) -> None:
    """The pass does not read it at its place in the order of gids; the run that ends the pass lists it, or not."""
    api = world_of(FEW)
    projects = api.world.projects.values()
    placed = ((int(gid), task, project) for project in projects for gid, task in project.tasks.items())
    free = [each for each in placed if not each[1].tags and not each[1].parent and not each[1].assignee]
    number, task, project = min(each for each in free if len(each[1].sections) == 1 and not each[1].subtasks)
    clock(api).advance(HOUR)
    output = sync(api, config=HALF_DAY, select=STREAMS)
    api.world.remove_from_project(task.gid, project.gid)
    while int(state_of(output).get("place", ["0"])[0]) < number:
        clock(api).advance(2 * HOUR)
        output = output.then(sync(api, config={**HALF_DAY, **IN_PARTS}, select=STREAMS, state=output.state))
    if is_listed_again:
        api.world.assign_task(task.gid, min(api.world.users))
    for passes in range(4):
        clock(api).advance(12 * HOUR)
        output = output.then(sync(api, config=HALF_DAY, select=STREAMS, state=output.state))
        assert "began" not in state_of(output)
        if passes == 0:
            assert task.gid not in deleted_gids(output)
            api.world.delete_task(task.gid)
    assert task.gid in deleted_gids(output)


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
