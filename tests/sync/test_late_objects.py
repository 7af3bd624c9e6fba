"""Old objects that the first run could not find are known to passes as soon as a later run has written them."""

from __future__ import annotations

import pytest
from harness import Message, Output, clock, sync
from methods import HOUR, LIST, SEARCH
from passes import FEW, WITHOUT_EVENTS, world_of

from fake_asana.server.api import Api
from fake_asana.server.faults import Refusal

STREAMS = ("tasks", "stories", "deletions")
NO_PASS: Message = {"requests_per_minute": 5, "reconcile_percent": 1}
"""A share of the request rate that is too small for any part of a pass."""

PLAN, METHOD = "a person whose list the plan lacked", "another method"


def unlisted_task(api: Api) -> str:
    """Return a task with a comment and a subtask that is in no list any more."""
    placed = ((task, project) for project in api.world.projects.values() for task in project.tasks.values())
    alone = ((task, project) for task, project in placed if len(task.sections) == 1 and not task.tags)
    task, project = next((task, project) for task, project in alone if not task.parent and not task.assignee)
    api.world.remove_from_project(task.gid, project.gid)
    return task.gid


@pytest.mark.parametrize("reason", [PLAN, METHOD])
def test_old_tasks_outside_of_projects_are_named_if_they_are_deleted(reason: str) -> None:
    """The second run writes them for the first time, and people delete them before a pass has read them."""
    api, config = world_of(FEW), {**WITHOUT_EVENTS, "reconcile_days": 1}
    task = unlisted_task(api)
    gids = {task, subtask := api.world.add_task(parent=task), api.world.comment(task), api.world.comment(subtask)}
    if reason == PLAN:
        api.world.assign_task(task, user := max(api.world.users))
        api.refusals.append(Refusal("GET /tasks", 402, user))
    clock(api).advance(HOUR)
    output = sync(api, config={**LIST, **config}, select=STREAMS)
    assert gids.isdisjoint(written(output))
    api.refusals.clear()
    clock(api).advance(HOUR)
    method = LIST if reason == PLAN else SEARCH
    output = output.then(sync(api, config={**method, **config, **NO_PASS}, select=STREAMS, state=output.state))
    assert gids <= written(output)
    api.world.delete_task(subtask)
    api.world.delete_task(task)
    for _ in range(2):
        clock(api).advance(12 * HOUR)
        output = output.then(sync(api, config={**method, **config}, select=STREAMS, state=output.state))
    assert gids <= {row["gid"] for row in output.records("deletions")}


def written(output: Output) -> set[str]:
    """Return the gids of the tasks and stories of an output."""
    return output.gids("tasks") | output.gids("stories")
